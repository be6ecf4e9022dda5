"""Hung, then killed: no second writer comes near the log before the first is gone, and the next one comes by itself."""

import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.fault.beside import side_by_side
from tests.fault.hanging import Bench, bench, fail_to_write_one, log_one, nothing_yet
from tests.fault.mount import needs_fuse
from tests.fault.parts import check_with_verify, read_run
from tests.fault.stuck import wait_until_it_cannot_end
from tests.support import logs
from tests.support.processes import READY, Process
from tests.support.waiting import until

EVENTS = 100

pytestmark = needs_fuse


def test_who_is_killed_in_a_hang_is_waited_for_and_then_the_next_one_takes_over(
    tmp_path: Path, subtests: pytest.Subtests
) -> None:
    hangs = {"write": log_one, "fsync": log_one, "open": fail_to_write_one}
    cases = {operation: partial(kill, operation, hang, tmp_path / operation) for operation, hang in hangs.items()}
    side_by_side(subtests, cases)
    check_with_verify(tmp_path / operation / "backing" / "logs" for operation in hangs)


def kill(operation: str, run_into: Callable[[Bench], None], root: Path) -> None:
    with bench(root) as stage:
        keeper = stage.pair.python("-m", "shared.keeper")
        nothing_yet(stage)
        stage.producer.wait_for_durable(stage.logged)
        (pid,) = ready_pids(keeper, 1)
        stage.producer.wait_for_status("pid", pid)
        stage.mount.hang(operation)
        run_into(stage)
        stage.mount.wait_for("hung", operation)
        os.kill(pid, signal.SIGKILL)
        wait_until_it_cannot_end(pid)
        left = contents(stage)
        stage.mount.watch()
        waits = f"keeper: pid {pid} was killed, and a call of it to the disk has not returned; the next one starts when"
        keeper.wait_for_line(waits)
        stage.log(EVENTS)
        stage.producer.wait_for_state("dying")
        check_that_status_names_it(stage, pid)
        check_that_no_other_starts(stage, pid)
        assert stage.mount.met("called") == []
        assert contents(stage) == left
        stage.mount.release()
        assert ready_pids(keeper, 2)[0] == pid
        stage.producer.wait_for_durable(stage.logged)
        assert sum(waits in line for line in keeper.out) == 1
        check_log(stage)


def ready_pids(keeper: Process, number: int) -> list[int]:
    """The pids of so many sidecars, each of which said that it was ready."""

    def found() -> list[int]:
        return [int(match[1]) for line in keeper.out.copy() if (match := READY.search(line))]

    until(lambda: len(found()) >= number, lambda: f"{number} sidecars in {keeper.out}")
    return found()


def contents(stage: Bench) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in stage.backing.iterdir()}


def check_that_status_names_it(stage: Bench, pid: int) -> None:
    code, _, complaints = stage.pair.run("-m", "sidecar", "status")
    assert code == 3
    assert f"pid {pid}, which was killed and waits for a disk that does not answer" in complaints[1]


def check_that_no_other_starts(stage: Bench, pid: int) -> None:
    code, _, complaints = stage.pair.run("-m", "sidecar")
    assert code == 1
    assert f"pid {pid}, which was killed and waits for a disk that does not answer" in complaints[0]


def check_log(stage: Bench) -> None:
    records = read_run(stage.backing, stage.producer.run)
    assert logs.messages(records) == [f"event {n}" for n in range(1, stage.logged + 1)]
    assert logs.gaps(records) == []
