"""Questions about logs while the disk hangs: the answer says so in time, events go their way, and it passes by itself."""

from pathlib import Path
from time import monotonic

import psutil
import pytest

from shared.questions import Back, NotNow, Stretch, Verify, Wanted
from tests.fault.hanging import Bench, bench
from tests.fault.mount import needs_fuse
from tests.questions.asker import Asker
from tests.questions.logs import numbers
from tests.questions.test_asking import logged
from tests.support.waiting import until

pytestmark = needs_fuse

# A promise: a page waits 1.5 s. Here is what a machine that others keep busy may need.
IN_TIME_S = 20.0


def readers(pid: int) -> int:
    return sum("sidecar.reader" in each.cmdline() for each in psutil.Process(pid).children())


@pytest.mark.parametrize("operation", ["readdir", "open"])
def test_who_asks_while_the_disk_hangs_is_told_so_and_few_processes_hang_with_it(
    tmp_path: Path, operation: str
) -> None:
    with bench(tmp_path) as stage:
        sidecar = stage.pair.ready_sidecar()
        producer = stage.producer = logged(stage.pair, 10)
        question = Back(producer.run, Wanted(), None, 5, tally=True)
        with Asker(stage.pair.run_dir) as asker:
            asker.stretch(question)
            stage.mount.hang(operation)
            begun = monotonic()
            answer = asker.refusal(question)
            assert monotonic() - begun < IN_TIME_S
            assert answer.why == "hung"
            later = [asker.refusal(question) for _ in range(20)]
            assert all(each.why == "hung" and each.seconds >= answer.seconds for each in later)
            assert asker.refusal(Verify(producer.run)).why == "hung"
            assert readers(sidecar.pid) == 1
            # The writer's own file is open, and does not hang.
            producer.ask("log", 11, 20)
            producer.wait_for_durable(20)
            stage.mount.release()
            _expect_all(stage, asker, question)
        assert sidecar.err == []


def test_a_check_that_meets_a_hang_says_for_how_long_and_goes_on(tmp_path: Path) -> None:
    with bench(tmp_path) as stage:
        stage.pair.ready_sidecar()
        producer = stage.producer = logged(stage.pair, 10)
        with Asker(stage.pair.run_dir) as asker:
            stage.mount.hang("readdir")
            job = asker.job(Verify(producer.run))
            until(lambda: asker.job(Verify(producer.run)).silent_s > 1, "the check to wait")
            stage.mount.release()
            # Who asked for it anew when it is over already would begin another.
            result = asker.end_of(job)
            assert result.trouble == ""
            assert result.verdict is not None
            assert result.verdict.events == 10


def _expect_all(stage: Bench, asker: Asker, question: Back) -> None:
    def all_there() -> bool:
        answer = asker.ask(question)
        assert isinstance(answer, Stretch | NotNow)
        return isinstance(answer, Stretch) and numbers(answer.rows) == [20, 19, 18, 17, 16]

    until(all_there, "the answer when the disk is back")
    assert stage.producer.status()["lost"] == 0
