"""Told to end while the disk hangs: everybody ends in time, and what could not be written is said and not lost."""

import re
import signal
from functools import partial
from pathlib import Path
from time import monotonic

import pytest

from tests.fault.beside import side_by_side
from tests.fault.hanging import Bench, bench, nothing_yet, running
from tests.fault.mount import needs_fuse
from tests.fault.parts import read_run
from tests.fault.stuck import STUCK, thread_states, wait_until_gone, wait_until_it_cannot_end
from tests.support import logs
from tests.support.processes import READY, Process

EVENTS = 300
# A promise: honcho waits 5 s for its processes.
IN_TIME_S = 8.0

pytestmark = needs_fuse


def test_what_is_told_to_end_while_the_disk_hangs_ends_in_time_and_says_how_many_events_wait(
    tmp_path: Path, subtests: pytest.Subtests
) -> None:
    side_by_side(
        subtests,
        {
            "sidecar": partial(end_a_sidecar, tmp_path / "sidecar"),
            "keeper": partial(end_a_keeper, tmp_path / "keeper"),
        },
    )


def end_a_sidecar(root: Path) -> None:
    with bench(root) as stage:
        running(stage)
        hang(stage)
        begun = monotonic()
        stage.sidecar.signal(signal.SIGTERM)
        assert events_left_behind(stage.sidecar.wait_for_line("could not be written", err=True)) == EVENTS
        # It did what it could; the kernel keeps the rest of it, and with it the lock.
        wait_until_it_cannot_end(stage.sidecar.pid)
        assert monotonic() - begun < IN_TIME_S
        stage.mount.release()
        assert stage.sidecar.wait() == 1
        check_that_the_next_one_writes_it(stage)


def end_a_keeper(root: Path) -> None:
    with bench(root) as stage:
        keeper = stage.pair.python("-m", "shared.keeper")
        nothing_yet(stage)
        stage.producer.wait_for_durable(stage.logged)
        hang(stage)
        pid = ready_pid(keeper)
        begun = monotonic()
        keeper.signal(signal.SIGTERM)
        assert keeper.wait() == 1
        assert monotonic() - begun < IN_TIME_S
        assert events_left_behind(keeper.wait_for_line("could not be written")) == EVENTS
        assert STUCK in thread_states(pid).values()
        stage.mount.release()
        wait_until_gone(pid)
        check_that_the_next_one_writes_it(stage)


def hang(stage: Bench) -> None:
    stage.mount.hang("fsync")
    stage.log(EVENTS)
    stage.mount.wait_for("hung", "fsync")
    stage.producer.wait_for_state("stalled")


def ready_pid(keeper: Process) -> int:
    found = READY.search(keeper.wait_for_line("Sidecar ready"))
    assert found is not None
    return int(found[1])


def events_left_behind(line: str) -> int:
    found = re.fullmatch(r"([\d,]+) events could not be written before the end: \S+: fsync has not returned", line)
    assert found is not None, line
    return int(found[1].replace(",", ""))


def check_that_the_next_one_writes_it(stage: Bench) -> None:
    stage.pair.ready_sidecar()
    stage.producer.wait_for_durable(stage.logged)
    records = read_run(stage.backing, stage.producer.run)
    assert logs.messages(records) == [f"event {n}" for n in range(1, stage.logged + 1)]
    assert logs.gaps(records) == []
