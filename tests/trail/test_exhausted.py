"""The GUI's process has no file descriptor left: ZeroMQ would abort it. It says so, keeps its events, and sends them later."""

import pytest

from tests.support import logs
from tests.support.processes import Pair

pytestmark = pytest.mark.long


# With a few left, some of what is needed can be opened and some cannot.
@pytest.mark.parametrize("left", [0, 6])
def test_without_descriptors_events_wait_and_arrive_when_there_are_some_again(pair: Pair, left: int) -> None:
    pair.ready_sidecar()
    producer = pair.producer()
    assert producer.ask("use_up_descriptors", left)["refused"] == "Too many open files"
    assert producer.ask("log", 1, 100)["slowest"] < 1
    status = producer.wait_for_state("absent")
    assert "Too many open files" in status["reason"]
    assert (status["pending"], status["durable"]) == (100, 0)
    producer.ask("free_descriptors")
    producer.wait_for_durable(100)
    assert producer.end() == 0
    assert logs.messages(logs.read(producer.log)) == [f"event {n}" for n in range(1, 101)]
