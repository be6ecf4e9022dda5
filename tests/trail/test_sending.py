"""The way from `log_event` to the socket, by either of the two sends."""

from tests.support import logs
from tests.support.processes import Pair

EVENTS = 3000


def test_the_send_that_keeps_the_gil_is_found_here_and_without_it_all_arrives_too(pair: Pair) -> None:
    producer = pair.producer()
    assert producer.ask("without_zmq_send") == {"found": True}
    pair.ready_sidecar()
    producer.ask("log", 1, EVENTS)
    producer.wait_for_durable(EVENTS)
    assert producer.end() == 0
    assert pair.wait_for_closing(producer.log)["outcome"] == "clean"
    records = logs.read(producer.log)
    assert logs.gaps(records) == []
    assert [event["n"] for event in logs.events(records)] == list(range(1, EVENTS + 1))


def test_frames_that_fill_the_pipe_arrive_in_order_by_either_send(pair: Pair) -> None:
    pair.ready_sidecar()
    producers = [pair.producer(), pair.producer()]
    producers[0].ask("without_zmq_send")
    for producer in producers:
        producer.tell("log", 1, 1000, 10_000)
    for producer in producers:
        producer.answer()
        producer.wait_for_durable(1000)
        assert [event["n"] for event in logs.events(logs.read(producer.log))] == list(range(1, 1001))
