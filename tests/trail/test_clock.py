"""The clock is set back an hour between two sidecars. No test can do that to this machine; what would come of it can be said.

The kernel's start of a process is told by the clock of now: a process that said at its Hello when it began is then an hour
older than it said.
"""

import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from time import time

import psutil
import pytest
import zmq

from tests.support import logs
from tests.support.processes import Pair
from tests.support.waiting import until
from tests.trail.peers import STRANGER, Peer, event, hello

HOUR_S = 3600.0


@pytest.fixture
def gui() -> Iterator[subprocess.Popen[bytes]]:
    """A process that lives on and says nothing."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


def test_a_run_that_said_hello_before_the_clock_was_set_back_is_closed_when_it_ends_and_not_before(
    pair: Pair, gui: subprocess.Popen[bytes]
) -> None:
    sidecar = pair.ready_sidecar()
    peer = Peer(pair, zmq.PUSH, "events")
    started = psutil.Process(gui.pid).create_time() + HOUR_S
    peer.send(hello(STRANGER, pid=gui.pid, started=started), event(STRANGER, 1))
    log = pair.audit / f"datatools-{STRANGER}.jsonl"
    until(lambda: log.exists() and log.read_bytes().count(b"\n") >= 2, "its log")
    sidecar.kill()
    sidecar.wait()
    peer.close()
    pair.ready_sidecar()
    producer = pair.producer()
    for number in (1, 2, 3):
        # Whatever it does about old logs, it has begun to by then.
        producer.ask("log", number, number)
        producer.wait_for_durable(number)
    ended = time()
    gui.kill()
    gui.wait()
    closed = datetime.fromisoformat(pair.wait_for_closing(log)["ts"]).timestamp()
    assert closed >= ended
    assert len(logs.closings(logs.read(log))) == 1
