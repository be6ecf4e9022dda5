"""Whether a log is done with: what is still written to must not be taken from under its writer. Only reads."""

from collections import deque
from pathlib import Path

from shared.errors import AuditError
from sidecar.liveness import find, is_alive
from sidecar.log_line import parse
from sidecar.log_tail import LONGEST_LINE, Opening, read_opening
from sidecar.parts import Log
from sidecar.reading import read_lines
from sidecar.records import HOST, Owner


class StillOpenError(AuditError):
    """The log may still be written to, or nobody can say that it will not be."""


def check_closed(log: Log) -> None:
    """Raise StillOpenError unless the log ends in a closing line and its process is gone. Raises OSError, BrokenError."""
    parts = log.parts
    opening = _read_ends(parts[max(parts)])
    if opening.host == HOST and is_alive(find(Owner(opening.pid, opening.started))):
        raise StillOpenError(f"its process (pid {opening.pid}) still runs")


def _read_ends(path: Path) -> Opening:
    """Check the last line of the last part; return its first."""
    lines = read_lines(path, LONGEST_LINE)
    first = next(lines, (b"", False))
    last, complete = [first, *deque(lines, 1)][-1]
    if not complete:
        raise StillOpenError("it does not end in a whole line")
    end = parse(last)
    if end is None or not end.closes:
        raise StillOpenError("its last line does not close it")
    opening = read_opening(lambda _size, _offset: first[0])
    if opening is None:
        raise StillOpenError("its first line does not say whose it is")
    return opening
