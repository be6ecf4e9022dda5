"""A GUI's two sockets: PUSH for its frames, with a monitor that tells of its connection, and SUB for what it hears."""

from collections import deque
from collections.abc import Callable

from gui.audit.link import RECONNECT_MS
from shared.wire import STATUS_TOPIC
from tests.simulation.network import Connection, Network

RECONNECT_S = RECONNECT_MS / 1000


class Sockets:
    """`wake` is called when there is something to read. `push_room` and `sub_room` frames fit into a connection."""

    def __init__(self, network: Network, run: str, push_room: int, sub_room: int, wake: Callable[[], None]) -> None:
        self.are_open = False
        # What the monitor tells, in its order: whether there is a connection now.
        self.monitor: deque[bool] = deque()
        self._network = network
        self._topics = (STATUS_TOPIC, run.encode())
        self._push_room = push_room
        self._sub_room = sub_room
        self._wake = wake
        self._push: Connection | None = None
        self._sub: Connection | None = None
        self._unread: deque[tuple[Connection, bytes]] = deque()

    def open(self) -> None:
        self.are_open = True
        self._connect()
        self._network.clock.after(self._delay(), self._subscribe)

    def close(self, share: float, late_s: float = 0.0) -> None:
        """`share` of what is on its way still arrives, `late_s` later than it would have."""
        self.are_open = False
        for each in (self._push, self._sub):
            if each is not None and each.is_open:
                self._network.tally["frames lost on the way"] += each.end(share, late_s)
        self._push = self._sub = None
        self.monitor.clear()
        self._unread.clear()

    def transmit(self, frame: bytes) -> bool:
        return self._push is not None and self._push.send(frame)

    def read(self) -> bytes | None:
        """A frame that has arrived."""
        if not self._unread:
            return None
        connection, frame = self._unread.popleft()
        connection.unread -= 1
        return frame

    # What happens to them.

    def lose_push(self) -> None:
        """The connection for frames breaks, and is made again."""
        if self._push is not None:
            self._network.end(self._push)
            self.notice()

    def lose_sub(self) -> None:
        """The connection for what is heard breaks, and is made again."""
        if self._sub is not None:
            self._network.end(self._sub)
            self.notice()

    def notice(self) -> None:
        """They find out which connections are no more."""
        if self._push is not None and not self._push.is_open:
            self._push = None
            self.monitor.append(False)
            self._wake()
            self._network.clock.after(RECONNECT_S, self._connect)
        if self._sub is not None and not self._sub.is_open:
            self._sub = None
            self._network.clock.after(RECONNECT_S + self._delay(), self._subscribe)

    def _delay(self) -> float:
        """How much later than the other connection this one is made: what is published before is lost."""
        random = self._network.random
        return random.choice((0.0, 0.2)) * random.random()

    def _connect(self) -> None:
        if not self.are_open or self._push is not None:
            return
        if self._network.pull is None:
            self._network.clock.after(RECONNECT_S, self._connect)
            return
        self._push = self._network.connect(self._push_room)
        self.monitor.append(True)
        self._wake()

    def _subscribe(self) -> None:
        if not self.are_open or self._sub is not None:
            return
        if self._network.pull is None:
            self._network.clock.after(RECONNECT_S, self._subscribe)
            return
        connection = self._network.subscribe(
            self._topics, self._sub_room, lambda frame: self._receive(connection, frame)
        )
        self._sub = connection

    def _receive(self, connection: Connection, frame: bytes) -> None:
        self._unread.append((connection, frame))
        self._wake()
