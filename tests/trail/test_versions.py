"""A GUI and a sidecar of different versions meet, as when one of two checkouts was updated: said, and nothing is lost."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import zmq

from shared.wire import STATUS_TOPIC, VERSION, Heartbeat
from tests.gui.listening import Listener
from tests.support import logs
from tests.support.processes import Pair, Producer
from tests.support.transports import over_ipc
from tests.support.waiting import until
from tests.trail.peers import STRANGER, Peer, event, hello, pack, refused

# The real one, but for the number.
NEWER_SIDECAR = """
import sys
from shared import wire
wire.VERSION = 2
from sidecar.__main__ import main
sys.exit(main([]))
"""
TOGETHER = "Stop both and start them from one checkout."


def check_each_once(producer: Producer, last: int) -> None:
    producer.wait_for_durable(last)
    assert logs.messages(logs.read(producer.log)) == [f"event {n}" for n in range(1, last + 1)]


def wait_for_reason(producer: Producer, reason: str) -> None:
    until(lambda: reason in producer.status()["reason"], lambda: f"{reason!r} in {producer.status()}")


def test_a_sidecar_of_a_newer_version_is_said_and_followed_by_one_that_fits_without_loss(pair: Pair) -> None:
    newer = pair.python("-c", NEWER_SIDECAR)
    newer.wait_for_line("Sidecar ready")
    producer = pair.producer()
    producer.ask("log", 1, 20)
    wait_for_reason(
        producer,
        f"The sidecar that runs (pid {newer.pid}) speaks version 2 of the protocol, this program version 1. {TOGETHER}",
    )
    status = producer.status()
    assert (status["state"], status["durable"], status["pending"]) == ("absent", 0, 20)
    line = newer.wait_for_line(producer.run, err=True)
    assert f"is not recorded: it speaks version 1 of the protocol, this sidecar version 2. {TOGETHER}" in line
    # It was sent again and again meanwhile, and said once.
    producer.ask("log", 21, 30)
    producer.ask("flush", 1.0)
    assert len(newer.err) == 1
    assert pair.log_files() == []
    newer.kill()
    newer.wait()
    pair.ready_sidecar()
    check_each_once(producer, 30)
    assert producer.status()["reason"] == ""


def test_a_gui_of_another_version_is_refused_counted_and_said_once_until_it_fits(pair: Pair) -> None:
    sidecar = pair.ready_sidecar()
    peer, listener = Peer(pair, zmq.PUSH, "events"), Peer(pair, zmq.SUB, "acks")
    try:
        listener.socket.subscribe(STATUS_TOPIC)

        def told(field: str) -> object:
            beat: list[object] = msgspec.msgpack.decode(listener.socket.recv_multipart()[1])
            return beat[1 + Heartbeat.__struct_fields__.index(field)]

        # It can tell by this that nothing of it is recorded.
        assert told("version") == VERSION
        for other in (2, 0, 2):
            peer.send(hello(STRANGER, version=other), event(STRANGER, 1))
        until(lambda: told("refused") == 3, "3 refused")
        assert [line.partition(": ")[2] for line in sidecar.err] == [
            f"it speaks version 2 of the protocol, this sidecar version 1. {TOGETHER}"
        ]
        assert pair.log_files() == []
        peer.send(hello(STRANGER), event(STRANGER, 1), event(STRANGER, 2))
        log = pair.audit / f"datatools-{STRANGER}.jsonl"
        until(lambda: log.exists() and log.read_bytes().count(b"\n") == 3, "its log")
        assert len(logs.events(logs.read(log))) == 2
    finally:
        peer.close()
        listener.close()


def test_fields_that_a_newer_gui_adds_at_the_end_are_gone_on_without(pair: Pair) -> None:
    sidecar = pair.ready_sidecar()
    peer = Peer(pair, zmq.PUSH, "events")
    try:
        peer.send(
            [*hello(STRANGER), 0, "", "new"], [*event(STRANGER, 1), "new", {}], ["news", STRANGER], event(STRANGER, 2)
        )
        log = pair.audit / f"datatools-{STRANGER}.jsonl"
        until(lambda: log.exists() and log.read_bytes().count(b"\n") == 3, "its log")
        assert len(logs.events(logs.read(log))) == 2
        sidecar.wait_for_line("Refused a frame", err=True)
        assert refused(pair) == 1
    finally:
        peer.close()


class Older(Listener):
    """Acknowledges with what acknowledgements had at first."""

    def answers(self, run: str, last: int) -> list[bytes]:
        return [pack(["ack", run, last, 0, "0" * 8])]


class Newer(Listener):
    """Says more than this version knows: whole messages, and fields behind the known ones."""

    def answers(self, run: str, last: int) -> list[bytes]:
        heartbeat = ["heartbeat", "0" * 8, "recording", 1, "", "", "", 1, 1, 0, 0, 1, 0, 0, 0, 1, 0, None, "new"]
        ack = ["ack", run, last, 0, "0" * 8, 0, "", 1, "", "new"]
        return [pack(heartbeat), pack(["news", run]), pack(ack), pack(["news", run])]


class Babbling(Listener):
    """Nothing that it says is known."""

    def answers(self, run: str, last: int) -> list[bytes]:
        return [pack(["ack2", run, last]), b"\xc1", pack(["heartbeat", "0" * 8])]


@pytest.fixture
def listeners() -> Iterator[list[Listener]]:
    started: list[Listener] = []
    yield started
    for each in started:
        each.close()


@over_ipc
@pytest.mark.parametrize("kind", [Older, Newer])
def test_what_a_sidecar_leaves_out_or_adds_is_gone_on_without(
    pair: Pair, listeners: list[Listener], kind: type[Listener]
) -> None:
    listeners.append(kind(pair.run_dir))
    producer = pair.producer()
    producer.ask("log", 1, 10)
    producer.wait_for_durable(10)
    status = producer.status()
    assert (status["state"], status["reason"], status["pending"]) == ("recording", "", 0)


@over_ipc
def test_a_sidecar_that_cannot_be_understood_is_said_and_nothing_is_forgotten(
    pair: Pair, listeners: list[Listener]
) -> None:
    listeners.append(Babbling(pair.run_dir))
    producer = pair.producer()
    producer.ask("log", 1, 10)
    wait_for_reason(producer, "What the sidecar says is not of version 1 of the protocol")
    status = producer.status()
    assert (status["state"], status["durable"], status["pending"]) == ("absent", 0, 10)
    listeners.pop().close()
    pair.ready_sidecar()
    check_each_once(producer, 10)


@over_ipc
def test_status_of_a_sidecar_that_cannot_be_understood_says_so(pair: Pair) -> None:
    pair.run_dir.mkdir()
    status = pair.python("-m", "sidecar", "status")
    answer(pair.run_dir / "ask", pack(["status", "what?"]))
    assert status.wait() == 1
    [line] = status.err
    assert line.startswith(f"The sidecar at {pair.run_dir} is of another version than this command: ")


def answer(ask: Path, frame: bytes) -> None:
    """Give one answer to whoever asks there."""
    with zmq.Context() as context, context.socket(zmq.ROUTER) as router:
        router.bind(f"ipc://{ask}")
        identity, request, _ = router.recv_multipart()
        router.send_multipart([identity, request, frame])
