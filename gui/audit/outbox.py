"""The outbox: events numbered and not yet acknowledged, at most 5000 or 16 MiB, the oldest dropped first. Pure.

- Numbers are consecutive, so a slot of a ring is found by its number.
- What is dropped is never forgotten: when sending comes to it, it is a `Skip` with its reason.
- Every method may be cut short by a signal handler that raises, and called again: counters move together, with no call
  between them, which is where CPython looks for signals.
"""

from typing import TYPE_CHECKING, NamedTuple

from shared.wire import MISSING

if TYPE_CHECKING:
    from gui.audit.push import Transmit

CAPACITY = 5_000
CAPACITY_BYTES = 16 * 1024 * 1024
# Sent and unacknowledged at most; ZeroMQ's own buffers would hold it all a second time (measured: 94 MiB beside 16).
WINDOW_BYTES = 2 * 1024 * 1024

OVERFLOW = "outbox full"
REFUSED = "refused"

_REFUSED_FRAME = b""


class Skip(NamedTuple):
    """The numbers `first` to `last` will not be sent any more, and why."""

    first: int
    last: int
    reason: str


class Outbox:
    """Frames by number. `last` was given out, `durable` acknowledged, `first` is the oldest held, `cursor` sent next.

    `newest` is what the frame of number `last` was made of.
    """

    __slots__ = ("_capacity", "_capacity_bytes", "_frames", "cursor", "durable", "first", "held_bytes",
                 "in_flight", "last", "newest", "window")  # fmt: skip

    def __init__(
        self, capacity: int = CAPACITY, capacity_bytes: int = CAPACITY_BYTES, window: int = WINDOW_BYTES
    ) -> None:
        self._capacity = capacity
        self._capacity_bytes = capacity_bytes
        self.window = window
        self._frames: list[bytes | None] = [None] * capacity
        self.last = 0
        self.newest: object = None
        self.durable = 0
        self.first = 1
        self.cursor = 1
        self.held_bytes = 0
        self.in_flight = 0

    def __len__(self) -> int:
        return self.last + 1 - self.first

    @property
    def dropped(self) -> int:
        """How many numbers were dropped here unacknowledged; they may still be on their way or on disk."""
        return self.first - 1 - self.durable

    def put(self, seq: int, frame: bytes, made_of: object = None, transmit: "Transmit | None" = None) -> None:
        """Keep `frame` under the next number, and drop the oldest if that is too much. What is sent next goes to `transmit`."""
        size = len(frame)
        capacity = self._capacity
        if seq - self.first >= capacity or self.held_bytes + size > self._capacity_bytes:
            self._make_room(seq, size)
        self._frames[seq % capacity] = frame
        self.held_bytes += size
        self.last = seq
        self.newest = made_of
        # As next() and sent() would, in half the time.
        if self.cursor == seq and transmit is not None and self.in_flight < self.window and transmit(frame):
            self.cursor = seq + 1
            self.in_flight += size

    def acknowledge(self, durable: int, most: int = CAPACITY) -> bool:
        """Forget what is durable, at most `most` frames. Returns False when more is left to forget."""
        through = min(durable, self.last, self.first - 1 + most)
        while self.first <= through:
            self._forget_first(delivered=True)
        if through > self.durable:
            self.durable = through
            if self.cursor <= through:
                self.cursor = through + 1
            if self.cursor == through + 1:
                self.in_flight = 0
        return through >= min(durable, self.last)

    def rewind(self, seq: int) -> None:
        """Send again from `seq` on. Below `durable + 1`, the sidecar misses what it once acknowledged."""
        self.cursor = min(seq, self.last + 1)
        self.in_flight = 0

    def refuse(self, seq: int) -> None:
        """Give up on one frame that the sidecar cannot read."""
        if self.first <= seq <= self.last:
            slot = seq % self._capacity
            size = len(self._frames[slot] or b"")
            self._frames[slot] = _REFUSED_FRAME
            self.held_bytes -= size

    def next(self) -> bytes | Skip | None:
        """Return what to send next: a frame, a `Skip` in its place, or None when nothing may be sent now."""
        cursor = self.cursor
        if cursor > self.last:
            return None
        if cursor <= self.durable:
            return Skip(cursor, self.durable, MISSING)
        if cursor < self.first:
            # Not while the window is full: dropping may go on, and one gap is better than one for each tick.
            return Skip(cursor, self.first - 1, OVERFLOW) if self.in_flight < self.window else None
        frame = self._frames[cursor % self._capacity]
        if frame == _REFUSED_FRAME:
            return Skip(cursor, cursor, REFUSED)
        return frame if self.in_flight < self.window else None

    def sent(self, frame: bytes) -> None:
        """Go on behind `frame`, which is the next one."""
        size = len(frame)
        self.cursor += 1
        self.in_flight += size

    def told(self, item: bytes | Skip) -> None:
        """Go on behind what `next` returned."""
        if isinstance(item, Skip):
            self.cursor = item.last + 1
        else:
            self.sent(item)

    def _make_room(self, seq: int, size: int) -> None:
        while self.first < seq and (
            seq - self.first >= self._capacity or self.held_bytes + size > self._capacity_bytes
        ):
            self._forget_first(delivered=False)

    def _forget_first(self, *, delivered: bool) -> None:
        slot = self.first % self._capacity
        size = len(self._frames[slot] or b"")
        # What is dropped after it was sent still sits in the pipe, so it counts as in flight until all of it is acknowledged.
        landed = size if delivered and self.first < self.cursor and size <= self.in_flight else 0
        self._frames[slot] = None
        self.held_bytes -= size
        self.in_flight -= landed
        self.first += 1
