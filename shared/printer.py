"""Lines printed by a thread of its own: a paused terminal or a full pipe holds up that thread and nobody else.

- What waits to be printed is bounded in bytes; lines that find no room are counted, and the count is printed instead.
- The descriptor stays in blocking mode: O_NONBLOCK would change it for every process that shares the terminal.
"""

import os
import select
import threading
from collections.abc import Sequence

# Some thousands of lines: enough for a slow terminal, little beside the rest of a process.
ROOM_BYTES = 256 * 1024


class Printer:
    """Prints to `descriptor`. Up to `room` bytes wait, and as many again are being written."""

    def __init__(self, descriptor: int, room: int = ROOM_BYTES) -> None:
        self._descriptor = descriptor
        self._room = room
        self._changed = threading.Condition()
        self._waiting = bytearray()
        self._left_out = 0
        self._finishing = False
        self._thread = threading.Thread(target=self._print, name="printer", daemon=True)
        self._thread.start()

    def line(self, line: bytes) -> None:
        """Print `line`, which comes without its newline, or count it when there is no room. Never waits."""
        self.lines([line])

    def lines(self, lines: Sequence[bytes]) -> None:
        """Print `lines`, each as `line` does."""
        text = b"".join([line + b"\n" for line in lines])
        with self._changed:
            if not self._left_out and len(self._waiting) + len(text) <= self._room:
                self._waiting += text
            else:
                self._put_what_fits(lines)
            self._changed.notify()

    @property
    def is_full(self) -> bool:
        """Whether the next line would be left out, as one before it was."""
        return self._left_out > 0

    def leave_out(self, lines: int) -> None:
        """Count `lines` as not shown, which nobody took the trouble to make."""
        with self._changed:
            self._left_out += lines
            # Since somebody looked at `is_full`, all else may have been printed.
            self._changed.notify()

    def finish(self, timeout: float) -> bool:
        """Print what waits, for at most `timeout` seconds. Returns False when the thread is stuck."""
        with self._changed:
            self._finishing = True
            self._changed.notify()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _put_what_fits(self, lines: Sequence[bytes]) -> None:
        for line in lines:
            # Once a line was left out, so is all behind it until the count has been taken: the order stays true.
            if self._left_out or len(self._waiting) + len(line) >= self._room:
                self._left_out += 1
            else:
                self._waiting += line
                self._waiting += b"\n"

    def _print(self) -> None:
        while batch := self._take():
            try:
                _write_all(self._descriptor, batch)
            except OSError:
                # The reader is gone for good. What comes now is counted and shown to nobody.
                return

    def _take(self) -> bytes:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._left_out or self._finishing)
            if self._left_out:
                self._waiting += b"... %d %s not shown\n" % (
                    self._left_out,
                    b"lines" if self._left_out > 1 else b"line",
                )
            batch = bytes(self._waiting)
            self._waiting.clear()
            self._left_out = 0
            return batch


def _write_all(descriptor: int, batch: bytes) -> None:
    rest = memoryview(batch)
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:
            # Another process of this terminal has made it non-blocking.
            select.select([], [descriptor], [])
