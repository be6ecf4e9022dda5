"""From the inbox through numbering into the outbox and, while the line is free, straight to the socket.

- `record` waits for nothing: it appends, then tries the lock; whoever holds it numbers and sends for everybody.
- What was logged is encoded outside of the lock, for the number that it will have unless another event comes first: then it
  is renumbered inside.
- It may be interrupted anywhere, by a signal handler that logs or one that raises: an event leaves the inbox only after
  it is in the outbox, and a number once given stays with its event.
- While older events have yet to be sent, a caller only stores; the link sends, so order holds.
- All but `record`, `pump` and `settle` is the link's, which may wait the microseconds that a caller holds the lock.
"""

import threading
import time
from collections import deque
from typing import Protocol, cast

from gui.audit.outbox import Outbox, Skip
from gui.audit.push import Transmit
from shared.wire import Skipped, encode, renumber

# Bounds of the work one caller does for others; the link takes the rest within its next tick.
BATCH = range(256)


class OwnedLock:
    """A lock that knows whether the calling thread holds it, also when a signal struck just after it was taken."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        # What threading.Condition asks of an RLock; C code, and no public name before Python 3.14's locked().
        self.is_mine = cast("_IsOwned", self._lock)._is_owned  # noqa: SLF001
        self.take = self._lock.acquire
        self.release = self._lock.release


class _IsOwned(Protocol):
    def _is_owned(self) -> bool:
        raise NotImplementedError


class Recorder:
    """The inbox, outbox and numbering of one run. `transmit` is None while there is no connection."""

    def __init__(self, run: str, outbox: Outbox) -> None:
        self.run = run
        self.outbox = outbox
        self.lock = OwnedLock()
        self.transmit: Transmit | None = None
        self.inbox: deque[tuple[int, bytes]] = deque()

    @property
    def pending(self) -> int:
        """How many events are logged and neither acknowledged nor dropped."""
        return len(self.inbox) + len(self.outbox)

    def record(self, seq: int, frame: bytes) -> None:
        """Take the `frame` of an event, made for the number `seq`, without waiting for anything."""
        self.inbox.append((seq, frame))
        try:
            self.pump()
        except Exception:  # noqa: BLE001 - of a signal handler, or at the edge of stack or memory
            # The event is taken; the next call sends it.
            return

    def pump(self) -> None:
        """Number and send what is in the inbox, unless another thread or an interrupted call of this one is at it."""
        lock, inbox = self.lock, self.inbox
        if lock.is_mine():
            return
        try:
            for _ in BATCH:
                # Positional: a keyword costs as much as the lock.
                if not inbox or not lock.take(False):  # noqa: FBT003
                    return
                self._take_first()
                lock.release()
        except BaseException:
            # No call before the release: after each, another signal could strike and leave the lock taken for ever.
            try:  # noqa: SIM105 - suppress() is such a call
                lock.release()
            except RuntimeError:
                # It struck where the lock was not ours.
                pass
            raise

    def send_behind(self, most: int) -> bool:
        """Send up to `most` frames that callers left behind. Returns whether there is more to send at once."""
        self.pump()
        lock = self.lock
        lock.take()
        try:
            return self._send_next(most)
        finally:
            lock.release()

    def say(self, frame: bytes) -> bool:
        """Send a frame of the link's own. Returns whether the socket took it."""
        lock = self.lock
        lock.take()
        try:
            return self.transmit is not None and self.transmit(frame)
        finally:
            lock.release()

    def send_again(self, transmit: Transmit, hello: bytes, seq: int) -> bool:
        """On a new connection or a rewind: `hello` first, then everything from `seq` on. False: the pipe is full."""
        lock = self.lock
        lock.take()
        try:
            greeted = transmit(hello)
            if greeted:
                self.outbox.rewind(seq)
                self.transmit = transmit
            return greeted
        finally:
            lock.release()

    def hang_up(self, last_words: bytes = b"") -> bool:
        """Callers store until the next `send_again`. Returns whether the socket took the `last_words`."""
        lock = self.lock
        lock.take()
        transmit, self.transmit = self.transmit, None
        lock.release()
        # Nobody else sends any more.
        return transmit is not None and bool(last_words) and transmit(last_words)

    def acknowledge(self, durable: int, most: int) -> bool:
        """Forget up to `most` durable frames. Returns False when more are left to forget."""
        lock = self.lock
        lock.take()
        try:
            return self.outbox.acknowledge(durable, most)
        finally:
            lock.release()

    def refuse(self, seq: int) -> None:
        """Send `seq` as a gap from now on."""
        lock = self.lock
        lock.take()
        try:
            self.outbox.refuse(seq)
        finally:
            lock.release()

    def settle(self, timeout_s: float) -> int:
        """Number what is in the inbox, for at most `timeout_s`. Returns the number that the last of it has or will get."""
        deadline = time.monotonic() + timeout_s
        while self.inbox and not self.lock.is_mine() and time.monotonic() < deadline:
            self.pump()
        return self.outbox.last + len(self.inbox)

    def _take_first(self) -> None:
        inbox, outbox = self.inbox, self.outbox
        if not inbox:
            # Another thread was faster.
            return
        event = inbox[0]
        if event is not outbox.newest:
            seq = outbox.last + 1
            made_for, frame = event
            if made_for != seq:
                frame = renumber(frame, self.run, made_for, seq)
            outbox.put(seq, frame, event, self.transmit)
        elif outbox.cursor == outbox.last:
            # An interrupted call had put it there.
            self._send_next(1)
        inbox.popleft()

    def _send_next(self, most: int) -> bool:
        outbox, transmit = self.outbox, self.transmit
        if transmit is None:
            return False
        for _ in range(most):
            item = outbox.next()
            if item is None or not transmit(self._frame(item)):
                return False
            outbox.told(item)
        return True

    def _frame(self, item: bytes | Skip) -> bytes:
        return encode(Skipped(self.run, *item)) if isinstance(item, Skip) else item
