"""The main thread's turns, with a socket that always has a frame."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

from shared.naming import Directories
from shared.wire import STATUS_TOPIC
from sidecar.descriptors import Room
from sidecar.publisher import Publisher
from sidecar.server import SOON_MS, Server
from tests.simulation.network import Connection, Pull
from tests.simulation.standins import NoGate, Poller
from tests.support.waiting import DEADLINE

if TYPE_CHECKING:
    import zmq

    from sidecar.listener import Listener


class Busy(Server):
    """`published` are the topics of what went out."""

    def __init__(self, directory: Path, pull: Pull) -> None:
        super().__init__(Directories(directory, directory), "ipc", Room(0, 1))
        self.published: list[bytes] = []
        self._events = cast("zmq.Socket[bytes]", pull)
        self._publisher = Publisher(cast("zmq.Socket[bytes]", self))
        self._ask = cast("zmq.Socket[bytes]", object())
        self._listener = cast("Listener", NoGate())
        self._poller = cast("zmq.Poller", Poller(pull))

    def send_multipart(self, parts: tuple[bytes, ...], _flags: int) -> None:
        self.published.append(parts[0])


def test_while_frames_come_without_a_pause_it_still_says_that_it_lives(tmp_path: Path) -> None:
    pull = Pull(lambda: None)
    connection = cast("Connection", type("", (), {"unread": 0}))
    server = Busy(tmp_path, pull)
    deadline = time.monotonic() + DEADLINE
    while server.published.count(STATUS_TOPIC) < 2 and time.monotonic() < deadline:
        pull.arrive(connection, b"")
        server.turn()
        assert server._backlog.take(0) == [b""]
    assert server.published.count(STATUS_TOPIC) == 2
    server.turn()
    # Nothing comes any more, so the tick that was put off is not waited for.
    assert server._poll_ms() > SOON_MS
    server.close()
