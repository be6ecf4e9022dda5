"""The sidecar's output. A paused terminal or a full pipe holds up this thread and nothing else.

Lines that do not fit into the bounded queue are dropped and counted; the log has them all.
"""

import os
import threading
from collections import deque
from collections.abc import Sequence

from shared.chain import format_time
from shared.wire import Event

MAX_WAITING = 2_000

Item = Event | tuple[int, str]


def printable(text: str) -> str:
    """`text` without what a terminal would act on: control and other unprintable characters are escaped."""
    return text if text.isprintable() else "".join(c if c.isprintable() else _escape(c) for c in text)


def event_line(ts: str, level: str, category: str, message: str) -> str:
    """`15:30:00 info    upload    Uploaded customers.csv`; the time is UTC, as in the log."""
    return f"{ts[11:19]} {printable(level):<7} {printable(category):<9} {printable(message)}"


class Screen:
    """Prints events and changes of state to stdout (1) and failures to stderr (2), from a thread of its own."""

    def __init__(self) -> None:
        self._waiting: deque[Item] = deque()
        self._dropped = 0
        self._changed = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="screen", daemon=True)
        self._thread.start()

    def show(self, events: list[Event]) -> None:
        """Print one line per event."""
        self._put(events)

    def say(self, line: str) -> None:
        """Print a line about the sidecar itself."""
        self._put([(1, line)])

    def complain(self, line: str) -> None:
        """Print a line about a failure."""
        self._put([(2, line)])

    def end(self, timeout_s: float) -> bool:
        """Print what waits, at most `timeout_s`. Returns whether all of it got out."""
        with self._changed:
            self._ended = True
            self._changed.notify()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _put(self, items: Sequence[Item]) -> None:
        with self._changed:
            room = max(MAX_WAITING - len(self._waiting), 0)
            self._waiting.extend(items[:room])
            self._dropped += max(len(items) - room, 0)
            self._changed.notify()

    def _take(self) -> tuple[list[Item], int] | None:
        with self._changed:
            while not self._waiting and not self._dropped:
                if self._ended:
                    return None
                self._changed.wait()
            items, dropped = list(self._waiting), self._dropped
            self._waiting.clear()
            self._dropped = 0
            return items, dropped

    def _run(self) -> None:
        while (taken := self._take()) is not None:
            items, dropped = taken
            try:
                for item in items:
                    fd, line = item if isinstance(item, tuple) else (1, _line(item))
                    _write(fd, line)
                if dropped:
                    _write(1, f"… {dropped} lines not shown: the output was not read; the log has them")
            except OSError:
                # The reader of our output is gone. The log is what matters; it goes on without a screen.
                continue


def _line(event: Event) -> str:
    return event_line(format_time(event.ts), event.level, event.category, event.message)


def _write(fd: int, line: str) -> None:
    # Past sys.stdout, whose lock this thread would hold while it is stuck, and the interpreter could not end.
    data = memoryview(f"{line}\n".encode("utf-8", "backslashreplace"))
    while data:
        data = data[os.write(fd, data) :]


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
