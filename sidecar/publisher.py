"""What goes out on the PUB socket: acknowledgements, the heartbeat, and each line as it becomes durable."""

from collections.abc import Iterator

import zmq

from shared.wire import STATUS_TOPIC, TAIL_TOPIC, UNKNOWN_RUN, Heartbeat, encode
from sidecar.acknowledger import Acknowledger
from sidecar.run import Written

TAIL_PIECE = 64 * 1024


class Publisher:
    """Publishes on `socket`. Who does not read it in time misses something, and holds up nobody."""

    def __init__(self, socket: zmq.Socket[bytes]) -> None:
        self._socket = socket
        self._acknowledger = Acknowledger()

    @property
    def is_holding(self) -> bool:
        """Whether an acknowledgement is held until it is due."""
        return self._acknowledger.is_holding

    def is_first_of(self, written: Written) -> bool:
        """Whether its run has heard of nothing yet."""
        return written.ack.part != UNKNOWN_RUN and self._acknowledger.is_new(written.ack.run)

    def beat(self, heartbeat: Heartbeat) -> None:
        """Say that the sidecar lives, and how."""
        self.publish(STATUS_TOPIC, encode(heartbeat))

    def report(self, written: Written, now: float) -> None:
        """Acknowledge what was written, at `now` (monotonic seconds) or soon, and publish its lines."""
        ack = written.ack
        if ack.part == UNKNOWN_RUN or self._acknowledger.offer(ack, now, urgent=written.urgent):
            self.publish(ack.run.encode(), encode(ack))
        for piece in in_pieces(written.lines):
            self.publish(TAIL_TOPIC, ack.run.encode(), piece)
        if written.closed:
            self._acknowledger.forget(ack.run)

    def acknowledge_due(self, now: float) -> None:
        """Send the acknowledgements that were held and are due at `now`."""
        for ack in self._acknowledger.due(now):
            self.publish(ack.run.encode(), encode(ack))

    def publish(self, *parts: bytes) -> None:
        """Send a topic and what it is about."""
        self._socket.send_multipart(parts, zmq.DONTWAIT)


def in_pieces(lines: bytes, most: int = TAIL_PIECE) -> Iterator[bytes]:
    """`lines` in pieces of whole lines, each of at most `most` bytes or one line."""
    start = 0
    while start < len(lines):
        end = lines.rfind(b"\n", start, start + most) + 1 or lines.find(b"\n", start) + 1
        yield lines[start:end]
        start = end
