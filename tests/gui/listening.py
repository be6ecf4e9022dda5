"""A listener in the sidecar's place: takes what a GUI sends, acknowledges it, and keeps it for a test to look at."""

import threading
import time
from pathlib import Path

import zmq

from shared.rundir import prepare
from shared.transport import endpoint
from shared.wire import Ack, Alive, Bye, Event, Hello, decode_upstream, encode


class Listener:
    def __init__(self, run_dir: Path) -> None:
        prepare(run_dir)
        self.events: dict[int, Event] = {}
        self.said_bye = threading.Event()
        self._arrived = threading.Condition()
        self._stop = threading.Event()
        self._ready = threading.Event()
        self._run_dir = run_dir
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()
        assert self._ready.wait(10)

    def wait_for(self, message: str, timeout_s: float = 10) -> Event:
        """The first event with `message`; fails when none comes."""
        deadline = time.monotonic() + timeout_s
        with self._arrived:
            while True:
                for event in self.events.values():
                    if event.message == message:
                        return event
                assert self._arrived.wait(deadline - time.monotonic()), [e.message for e in self.events.values()]

    def count(self, message: str) -> int:
        with self._arrived:
            return sum(event.message == message for event in self.events.values())

    def answers(self, run: str, last: int) -> list[bytes]:
        """What to say to `run`, whose events are here through `last`."""
        return [encode(Ack(run, last, 0, "0" * 8))]

    def close(self) -> None:
        self._stop.set()
        self._thread.join(10)

    def _listen(self) -> None:
        with zmq.Context() as context, context.socket(zmq.PULL) as pull, context.socket(zmq.PUB) as pub:
            pub.linger = 0
            pull.bind(endpoint(self._run_dir, "events"))
            pub.bind(endpoint(self._run_dir, "acks"))
            self._ready.set()
            while not self._stop.is_set():
                if pull.poll(20):
                    self._take(pull.recv(), pub)

    def _take(self, frame: bytes, pub: "zmq.Socket[bytes]") -> None:
        match decode_upstream(frame):
            case Event() as event:
                with self._arrived:
                    self.events[event.seq] = event
                    self._arrived.notify_all()
                run = event.run
            case Bye(run=run):
                self.said_bye.set()
            case Hello(run=run) | Alive(run=run):
                pass
            case _:
                return
        for answer in self.answers(run, max(self.events, default=0)):
            pub.send_multipart([run.encode(), answer])
