"""Processes that are started without standard streams: nothing that they print lands in a file or a socket instead."""

import os
import signal
from pathlib import Path

import pytest

from tests.support import logs
from tests.support.processes import Pair
from tests.support.waiting import until

ALL_CLOSED = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"]


@pytest.mark.parametrize("module", ["sidecar", "shared.keeper"])
def test_a_sidecar_without_standard_streams_writes_its_logs_and_nothing_else(pair: Pair, module: str) -> None:
    pair.prefix = ALL_CLOSED
    process = pair.python("-m", module)
    pair.prefix = []
    lock = pair.run_dir / "lock"
    producer = pair.producer()
    producer.ask("log", 1, 20)
    producer.wait_for_durable(20)
    assert int(lock.read_text()) in {process.pid, *children(process.pid)}
    assert logs.messages(logs.read(producer.log)) == [f"event {n}" for n in range(1, 21)]
    assert producer.end() == 0
    process.signal(signal.SIGTERM)
    assert process.wait() == 0
    assert pair.verify()[0] == 0


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_stderr_that_nobody_reads_holds_up_no_event(pair: Pair) -> None:
    """A pipe that is full: its complaints have nowhere to go."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    try:
        while os.write(write, b"x" * 4096):
            pass
    except BlockingIOError:
        os.set_blocking(write, True)
    pair.audit.write_bytes(b"in the way\n")
    pair.prefix = ["sh", "-c", f'exec "$@" 2>/proc/{os.getpid()}/fd/{write}', "sh"]
    sidecar = pair.ready_sidecar()
    pair.prefix = []
    producer = pair.producer()
    producer.ask("log", 1, 20)
    # It has complained.
    producer.wait_for_state("failing")
    pair.audit.unlink()
    producer.wait_for_durable(20)
    assert producer.end() == 0
    sidecar.signal(signal.SIGTERM)
    assert sidecar.wait() == 0
    for each in (read, write):
        os.close(each)
    until(lambda: pair.log_files() == [producer.log], "its log")
