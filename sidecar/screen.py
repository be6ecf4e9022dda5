"""The sidecar's output: events and changes of state to stdout, failures to stderr. Neither can hold anybody up."""

from collections.abc import Sequence

from shared.chain import format_second
from shared.printable import printable
from shared.printer import Printer
from shared.wire import Event


def event_line(ts: str, level: str, category: str, message: str) -> str:
    """`15:30:00 info    upload    Uploaded customers.csv`; the time is UTC, as in the log."""
    time = ts[11:19]
    line = f"{time} {level:<7} {category:<9} {message}"
    # One look at all of it takes half the time of one at each word.
    if line.isprintable():
        return line
    return f"{printable(time)} {printable(level):<7} {printable(category):<9} {printable(message)}"


class Screen:
    """Prints one line for each event, and lines about the sidecar itself. What finds no room is counted, and on disk."""

    def __init__(self, out: Printer, err: Printer) -> None:
        self._out = out
        self._err = err

    def show(self, events: Sequence[Event]) -> None:
        """Print one line per event."""
        if self._out.is_full:
            # Not worth formatting.
            self._out.leave_out(len(events))
        else:
            self._out.lines(
                [
                    _line(event_line(format_second(each.ts // 1_000_000), each.level, each.category, each.message))
                    for each in events
                ]
            )

    def say(self, line: str) -> None:
        """Print a line about the sidecar itself."""
        self._out.line(_line(printable(line)))

    def complain(self, line: str) -> None:
        """Print a line about a failure."""
        self._err.line(_line(printable(line)))

    def end(self, timeout_s: float) -> bool:
        """Print what waits, at most `timeout_s` for each stream. Returns whether no thread is stuck."""
        return all([self._out.finish(timeout_s), self._err.finish(timeout_s)])


def _line(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")
