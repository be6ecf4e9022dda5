"""A thousand who ask and never read the answers: they cost their sockets' buffers and nobody a second."""

import psutil
import pytest
import zmq

from shared.naming import Directories
from shared.wire import STATUS_QUESTION
from sidecar.question import ask_status
from tests.hostile.peers import descriptors
from tests.support import logs
from tests.support.processes import Pair
from tests.support.waiting import DEADLINE, until

pytestmark = pytest.mark.long

ASKERS, QUESTIONS = 1_000, 100
MIB = 2**20


def test_a_thousand_askers_that_never_read_hold_up_nobody_and_leave_nothing_behind(pair: Pair) -> None:
    sidecar, honest = pair.ready_sidecar(), pair.producer()
    honest.ask("log", 1, 100)
    honest.wait_for_durable(100)
    process = psutil.Process(sidecar.pid)
    memory, open_before = process.memory_info().rss, descriptors(sidecar.pid)
    context = zmq.Context()
    context.set(zmq.MAX_SOCKETS, 2 * ASKERS)
    try:
        askers = [context.socket(zmq.DEALER) for _ in range(ASKERS)]
        for each in askers:
            each.set(zmq.RCVHWM, 1)
            each.set(zmq.RCVBUF, 4096)
            each.connect(f"ipc://{pair.run_dir / 'ask'}")
        for _ in range(QUESTIONS):
            for number, each in enumerate(askers):
                each.send_multipart([b"%d" % number, STATUS_QUESTION])
        honest.ask("log", 101, 5_000)
        honest.wait_for_durable(5_000)
        assert ask_status(Directories(pair.audit, pair.run_dir), DEADLINE).runs[0].durable == 5_000
        until(lambda: descriptors(sidecar.pid) >= open_before + ASKERS, "all of them to be connected")
        assert process.memory_info().rss - memory < 64 * MIB
    finally:
        context.destroy(linger=0)
    until(lambda: descriptors(sidecar.pid) <= open_before + 2, "their descriptors to be given back")
    honest.ask("log", 5_001, 5_100)
    honest.wait_for_durable(5_100)
    assert logs.messages(logs.read(honest.log)) == [f"event {number}" for number in range(1, 5_101)]
    assert sidecar.err == []
