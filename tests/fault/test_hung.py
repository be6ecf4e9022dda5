"""A disk that hangs: whichever call does not return, nobody waits for it, everybody is told, and nothing is lost."""

import re
import signal
import threading
import time
from functools import partial
from pathlib import Path

import pytest

from tests.fault.beside import side_by_side
from tests.fault.hanging import SCENARIOS, Bench, Scenario, bench
from tests.fault.mount import Mount, needs_fuse
from tests.fault.parts import check_with_verify, read_run
from tests.support import logs
from tests.support.processes import Pair, Sidecar

HANG_S = 20.0
EVENTS = 2_000
# Clocks are read one after the other, and a call may have been in progress when the hang was ordered.
SLACK_S = 1.0

pytestmark = needs_fuse


def test_whichever_call_hangs_for_20_s_nobody_waits_and_nothing_is_lost(
    tmp_path: Path, subtests: pytest.Subtests
) -> None:
    # Starting a process costs time on the processor: more at once, and a healthy disk would seem to hang.
    busy = threading.Semaphore(4)
    roots = {each.name: tmp_path / str(number) for number, each in enumerate(SCENARIOS)}
    side_by_side(subtests, {each.name: partial(play, each, roots[each.name], busy) for each in SCENARIOS})
    check_with_verify(root / "backing" / "logs" for root in roots.values())


def play(scenario: Scenario, root: Path, busy: threading.Semaphore) -> None:
    with bench(root) as stage:
        with busy:
            scenario.prepare(stage)
            ordered_at = time.time()
            stage.mount.hang(scenario.operation)
            scenario.provoke(stage)
            stage.mount.wait_for("hung", scenario.operation)
            hung_at = time.time()
            stage.log(EVENTS)
        check_that_the_gui_is_told(stage, scenario.word, ordered_at, hung_at)
        with busy:
            check_status_command(stage)
            if scenario.operation == "write":
                check_tail_command(stage)
        threading.Event().wait(hung_at + HANG_S - time.time())
        stage.mount.release()
        stage.producer.wait_for_durable(stage.logged)
        stage.sidecar.wait_for_line("Disk recovered after")
        longest = time.time() - ordered_at
        with busy:
            check_log(stage)
        assert HANG_S - SLACK_S <= seconds_of_the_only_stall(stage.sidecar, stage.mount) <= longest + SLACK_S


def check_that_the_gui_is_told(stage: Bench, word: str, ordered_at: float, hung_at: float) -> None:
    status = stage.producer.wait_for_status("reason", f"{word} has not returned")
    assert status["state"] == "stalled"
    assert Path(status["file"]).is_relative_to(stage.mount.path)
    assert ordered_at - SLACK_S <= status["since"] <= hung_at + SLACK_S


def check_status_command(stage: Bench) -> None:
    code, printed, _ = stage.pair.run("-m", "sidecar", "status")
    assert code == 0
    assert printed[0].startswith("Stalled for ")
    assert str(stage.mount.path) in printed[0]


def check_tail_command(stage: Bench) -> None:
    tail = stage.pair.python("-m", "sidecar", "tail")
    tail.wait_for_line("Following", err=True)
    tail.signal(signal.SIGINT)
    assert tail.wait() == 0


def check_log(stage: Bench) -> None:
    assert stage.producer.end() == 0
    stage.sidecar.signal(signal.SIGTERM)
    assert stage.sidecar.wait() == 0
    records = read_run(stage.backing, stage.producer.run)
    assert logs.messages(records) == [f"event {n}" for n in range(1, stage.logged + 1)]
    assert logs.gaps(records) == []
    assert records[-1]["outcome"] == "clean"


def seconds_of_the_only_stall(sidecar: Sidecar, mount: Mount) -> int:
    """How long it lasted by the sidecar's own words, of which there are one at its start and one at its end."""
    (stalled,) = [line for line in sidecar.err if line.startswith("Disk stalled: ")]
    assert stalled.endswith(". Events wait; nothing is lost while they do.")
    assert str(mount.path) in stalled
    (recovered,) = [line for line in sidecar.out if line.startswith("Disk recovered after ")]
    return int(re.findall(r"after (\d+) s$", recovered)[0])


def test_a_disk_that_takes_2_s_for_every_call_is_one_stall(mount: Mount, pair: Pair) -> None:
    sidecar, producer = pair.ready_sidecar(), pair.producer()
    producer.ask("flood", 1, 100, 1)
    producer.wait_for_state("recording")
    mount.slow("fsync", 2.0)
    mount.wait_for("slowed", "fsync", occurrence=3)
    mount.mend()
    sidecar.wait_for_line("Disk recovered after")
    (logged,) = producer.ask("stop_flood")["logged"]
    assert producer.end() == 0
    sidecar.signal(signal.SIGTERM)
    assert sidecar.wait() == 0
    assert seconds_of_the_only_stall(sidecar, mount) >= 4
    assert len(logs.events(read_run(mount.backing / "logs", producer.run))) == logged
