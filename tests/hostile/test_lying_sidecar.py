"""Something else than a sidecar publishes and answers in the run directory: GUI, `status` and `tail` do not believe it."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import zmq

from shared.errors import AuditError, NoAnswerError
from shared.naming import Directories
from shared.wire import Heartbeat, RunStatus, Status, encode
from sidecar.question import ask_status
from tests.hostile.lying import STEERING, ack, answers, beat, lies, pack, refused
from tests.support import logs
from tests.support.processes import Pair, Producer
from tests.support.waiting import DEADLINE, until

EVENTS = 50


@contextmanager
def bound(pair: Pair, kind: int, channel: str) -> Iterator[zmq.Socket[bytes]]:
    """A socket in the place of the sidecar's."""
    pair.run_dir.mkdir(mode=0o700, exist_ok=True)
    with zmq.Context() as context, context.socket(kind) as socket:
        socket.set(zmq.LINGER, 0)
        socket.bind(f"ipc://{pair.run_dir / channel}")
        yield socket


def publish_until(socket: zmq.Socket[bytes], messages: list[list[bytes]], gui: Producer, reason: str) -> None:
    """Publish these until the GUI says `reason`."""

    def is_said() -> bool:
        for message in messages:
            socket.send_multipart(message)
        return reason in gui.status()["reason"]

    until(is_said, lambda: f"{reason!r} in {gui.status()}")


def test_whatever_is_published_in_a_sidecars_place_a_gui_keeps_its_events_and_says_what_is_wrong(pair: Pair) -> None:
    with bound(pair, zmq.PUB, "acks") as acks:
        gui = pair.producer()
        gui.ask("log", 1, EVENTS)
        for number, message in enumerate(refused(gui.run)):
            # What is read behind it says that it was read.
            publish_until(acks, [message, [b"status", pack([f"marker {number};"])]], gui, f"marker {number};")
            status = gui.status()
            assert (status["state"], status["pending"], status["durable"], status["lost"]) == ("absent", EVENTS, 0, 0)
        publish_until(acks, [[gui.run.encode(), pack(ack(gui.run, durable=EVENTS + 1))]], gui, "which was never logged")
    pair.ready_sidecar()
    gui.wait_for_durable(EVENTS)
    assert gui.wait_for_state("recording")["reason"] == ""
    assert logs.messages(logs.read(gui.log)) == [f"event {number}" for number in range(1, EVENTS + 1)]


def test_lies_that_are_well_formed_are_shown_and_cost_no_event(pair: Pair) -> None:
    with bound(pair, zmq.PUB, "acks") as acks:
        gui = pair.producer()
        gui.ask("log", 1, EVENTS)
        publish_until(acks, lies(gui.run), gui, STEERING[-5:])
        assert gui.status()["pending"] == EVENTS
    pair.ready_sidecar()
    gui.wait_for_durable(EVENTS)
    status = gui.wait_for_state("recording")
    assert (status["lost"], status["notice"], status["log_path"]) == (0, "", str(gui.log))
    assert logs.gaps(logs.read(gui.log)) == []


class Answerer:
    """Answers each question with all that `answers` gives, in a thread, until it is told to end."""

    def __init__(self, router: zmq.Socket[bytes], *, truth: Status | None) -> None:
        self._router = router
        self._truth = truth
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join()

    def _serve(self) -> None:
        while not self._enough.is_set():
            if not self._router.poll(50):
                continue
            identity, request, _ = self._router.recv_multipart()
            for answer in answers(request):
                self._router.send_multipart([identity, *answer])
            if self._truth:
                self._router.send_multipart([identity, request, encode(self._truth)])


def test_who_asks_waits_for_the_answer_to_its_question_and_no_longer_than_it_said(pair: Pair) -> None:
    directories = Directories(pair.audit, pair.run_dir)
    truth = Status(Heartbeat("0badcafe", "recording", 0, "", "", "", 1, 0, 7, 0, 0, 0, 0), [])
    with bound(pair, zmq.ROUTER, "ask") as router:
        # On a busy machine the time may be over before the question has left.
        while not router.poll(0):
            with pytest.raises(NoAnswerError, match="Start one"):
                ask_status(directories, 0.1)
        # What was asked has no one to answer to.
        router.recv_multipart()
        with Answerer(router, truth=truth):
            assert ask_status(directories, DEADLINE) == truth
        with Answerer(router, truth=None), pytest.raises(AuditError, match="of another version than this command"):
            ask_status(directories, 2)
        with Answerer(router, truth=None):
            code, printed, complained = pair.run("-m", "sidecar", "status")
    assert (code, printed) == (1, [])
    assert "of another version than this command" in complained[0]
    assert all(line.isprintable() for line in complained)


def test_status_shows_lies_in_printable_characters(pair: Pair) -> None:
    run = RunStatus(STEERING, -1, -1, -1, STEERING, STEERING, STEERING)
    with bound(pair, zmq.ROUTER, "ask") as router, Answerer(router, truth=Status(beat(), [run])):
        code, printed, _ = pair.run("-m", "sidecar", "status")
    assert code == 0
    assert len(printed) == 9
    assert all(line.isprintable() for line in printed)


@pytest.mark.parametrize("as_json", [[], ["--json"]], ids=["text", "json"])
def test_who_follows_prints_the_lines_of_a_sidecar_and_nothing_else(pair: Pair, as_json: list[str]) -> None:
    good = b'{"ts":"2026-11-23T15:30:00.123456Z","level":"info","category":"nav","message":"%s"}\n'
    odd = [b"", b"\n", b"x", b"\xff\n", b"[" * 60_000, b"{}", b"null\n", good[:-9], os.urandom(500), b"\x1b[2J\n"]
    with bound(pair, zmq.PUB, "acks") as acks:
        tail = pair.python("-m", "sidecar", "tail", *as_json)

        def is_printed() -> bool:
            for each in odd:
                acks.send_multipart([b"tail", b"\xff\xfe", each])
            for several in ([], [b"run"], [b"run", b"x", b"y"], [b"x"] * 100):
                acks.send_multipart([b"tail", *several])
            acks.send_multipart([b"tail", b"run", b"x\n" + good % b"Opened home"])
            return bool(tail.out)

        until(is_printed, lambda: f"a line; stderr: {tail.err}")
    assert all("Opened home" in line and line.isprintable() for line in tail.out)
    assert tail.popen.poll() is None
    assert len(tail.err) == 1
