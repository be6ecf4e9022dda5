"""The sockets between GUIs and the sidecar, as far as ZeroMQ promises anything.

- Within a connection nothing is reordered or doubled. What is on its way when a connection ends is lost, or the first part
  of it arrives, perhaps behind what a newer connection brings.
- A PUSH socket that is not connected, or whose pipe is full, refuses a frame. PUB drops what a slow subscriber has no room for.
"""

from collections import Counter, deque
from collections.abc import Callable
from random import Random

import zmq

from tests.simulation.clock import Clock

Deliver = Callable[[bytes], None]


class Connection:
    """One direction of one connection: room for `room` frames, each of which is handed to `deliver` after a while."""

    def __init__(self, clock: Clock, random: Random, latency_s: float, room: int, deliver: Deliver) -> None:
        self.unread = 0
        self.is_open = True
        self.room = room
        self._clock = clock
        self._random = random
        self._latency_s = latency_s
        self._deliver = deliver
        self._last_arrival = 0.0
        # On their way and still to arrive: all of them, while the connection lasts.
        self._left: deque[bytes] = deque()

    def send(self, frame: bytes) -> bool:
        """Whether there was room."""
        if not self.is_open or self.unread >= self.room:
            return False
        self.unread += 1
        self._left.append(frame)
        delay = self._random.random() * self._latency_s if self._latency_s else 0.0
        self._last_arrival = max(self._last_arrival, self._clock.now + delay)
        self._clock.at(self._last_arrival, self._arrive)
        return True

    def end(self, share: float, late_s: float = 0.0) -> int:
        """The connection is over; `share` of what is on its way arrives, `late_s` later. Returns how many frames are lost."""
        arrives, self.is_open = [*self._left][: round(share * len(self._left))], False
        lost = len(self._left) - len(arrives)
        self._left.clear()
        for frame in arrives:
            self._clock.at(max(self._last_arrival, self._clock.now) + late_s, lambda each=frame: self._deliver(each))  # type: ignore[misc]
        return lost

    def _arrive(self) -> None:
        if self._left:
            self._deliver(self._left.popleft())


class NothingThereError(zmq.Again):
    """As ZeroMQ raises it, without looking up its text, which takes longer than all the rest."""

    def __init__(self) -> None:
        pass


class Pull:
    """The sidecar's PULL socket: what has arrived on any connection, in the order of arrival."""

    def __init__(self, on_arrival: Callable[[], None]) -> None:
        self._arrived: deque[tuple[Connection, bytes]] = deque()
        self._on_arrival = on_arrival

    def arrive(self, connection: Connection, frame: bytes) -> None:
        self._arrived.append((connection, frame))
        self._on_arrival()

    @property
    def can_be_read(self) -> bool:
        """Whether something has arrived."""
        return bool(self._arrived)

    def recv(self, _flags: int) -> bytes:
        if not self._arrived:
            raise NothingThereError
        connection, frame = self._arrived.popleft()
        connection.unread -= 1
        return frame


class Network:
    """`pull` is there while a sidecar listens. `tally` counts what is lost; every connection has room for `least_room`."""

    def __init__(self, clock: Clock, random: Random, latency_s: float, tally: Counter[str]) -> None:
        self.pull: Pull | None = None
        self.least_room = 0
        self.clock = clock
        self.random = random
        self.tally = tally
        self._latency_s = latency_s
        self._subscribers: dict[Connection, tuple[bytes, ...]] = {}
        self._up: list[Connection] = []

    def connect(self, room: int) -> Connection:
        """A connection from a GUI to the sidecar that listens."""
        pull = self.pull
        assert pull is not None
        connection = Connection(
            self.clock,
            self.random,
            self._latency_s,
            max(room, self.least_room),
            lambda frame: pull.arrive(connection, frame),
        )
        self._up.append(connection)
        return connection

    def subscribe(self, topics: tuple[bytes, ...], room: int, deliver: Deliver) -> Connection:
        """A connection from the sidecar that listens to a GUI."""
        connection = Connection(self.clock, self.random, self._latency_s, max(room, self.least_room), deliver)
        self._subscribers[connection] = topics
        return connection

    def publish(self, topic: bytes, frame: bytes) -> None:
        for connection, topics in self._subscribers.items():
            if topic in topics and connection.is_open and not connection.send(frame):
                self.tally["published, no room"] += 1

    def end(self, connection: Connection) -> None:
        """The connection is over, and with it some of what is on its way."""
        if connection.is_open:
            share = self.random.choice((0.0, 1.0, self.random.random()))
            self.tally["frames lost on the way"] += connection.end(share, self.random.choice((0.0, 0.1, 1.0)))
        self._subscribers.pop(connection, None)

    def make_room(self, room: int) -> None:
        """From here on there is room for so many frames at least."""
        self.least_room = room
        for connection in [*self._up, *self._subscribers]:
            connection.room = max(connection.room, room)

    def listen(self, pull: Pull) -> None:
        self.pull = pull

    def go_down(self) -> None:
        """The sidecar is gone: what it had not read is lost, what it had published may still arrive."""
        self.pull = None
        for connection in self._up:
            if connection.is_open:
                self.tally["frames lost on the way"] += connection.end(0.0)
        self._up.clear()
        for connection in list(self._subscribers):
            self.end(connection)
