"""Which bytes of which parts are the log of a run, and where to begin for a time. Only reads.

- A part may go on from a line before the last one (shared/FORMAT.md, "Continuing opening"): what stands between is left out.
- Events stand in the order of their numbers, so their times only go back where a clock was set back. By CLOCK_SLACK of that,
  nothing is missed; `query`, which has more time, allows for a day. The sidecar's own records do not count: it
  writes down its time, while the events behind a record may have waited for long.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from pathlib import Path

from shared.chain import head_of
from shared.naming import parse_part_name
from sidecar.compression import BrokenError
from sidecar.log_tail import WINDOW
from sidecar.query.lines import Opening, read, read_opening
from sidecar.query.when import earlier, later
from sidecar.reader.part_bytes import Opener, PartBytes
from sidecar.reader.steps import BLOCK, backward, forward
from sidecar.reading import read_lines
from sidecar.verify.line import MAX_LINE

CLOCK_SLACK = timedelta(minutes=1)
# So many lines behind a place, one is an event; else the place says nothing about time.
_LOOKED_AT = 200
_REMEMBERED = 10_000


@dataclass(frozen=True)
class Segment:
    """A part of the log; from `limit` on, if it is not None, its bytes are no part of the log."""

    part: int
    path: Path
    limit: int | None = None

    def end(self, opened: PartBytes) -> int:
        """Where it ends."""
        return opened.size if self.limit is None else min(self.limit, opened.size)


class Layouts:
    """The layouts of the logs in a directory. What a part begins with is read again when its file is another or was written to."""

    def __init__(self, directory: Path, opener: Opener) -> None:
        self._directory = directory
        self._opener = opener
        self._openings: dict[Path, tuple[object, Opening | None]] = {}

    def of(self, run: str) -> list[Segment]:
        """The segments of the log of `run`, in order; none: there is no log. Raises OSError."""
        segments: list[Segment] = []
        for part, path in sorted(self._parts(run).items()):
            opening = self._opening(path) if segments else None
            if opening is not None and opening.continues is not None:
                segments = self._until(segments, opening.prev)
            segments.append(Segment(part, path))
        return segments

    def find_end(self, segments: list[Segment], until: str) -> tuple[int, int | None]:
        """Where to begin to go back for what is not younger than `until`: the index of a segment, and an offset (None: its end)."""
        latest = later(until, CLOCK_SLACK)
        low, high = 0, len(segments) - 1
        while low < high:
            middle = (low + high + 1) // 2
            ts = _first_time(raw for raw, _ in _lines_of(segments[middle].path))
            low, high = (middle, high) if ts and ts <= latest else (low, middle - 1)
        with self._opener.open_part(segments[low].path) as opened:
            return low, _bisect(opened, segments[low].end(opened), latest)

    def _parts(self, run: str) -> dict[int, Path]:
        parts: dict[int, Path] = {}
        for name in os.listdir(self._directory):  # noqa: PTH208 - the same call; plain names are all that is needed
            parsed = parse_part_name(name) if run in name else None
            # Of a part in both forms the plain one.
            if parsed and parsed[0] == run and (parsed[1] not in parts or not parsed[2]):
                parts[parsed[1]] = self._directory / name
        return parts

    def _opening(self, path: Path) -> Opening | None:
        found = path.stat()
        key = (found.st_ino, found.st_size, found.st_mtime_ns)
        known = self._openings.get(path)
        if known is None or known[0] != key:
            if len(self._openings) > _REMEMBERED:
                self._openings.clear()
            raw, whole = next(_lines_of(path), (b"", False))
            known = self._openings[path] = (key, read_opening(raw) if whole else None)
        return known[1]

    def _until(self, segments: list[Segment], head: str) -> list[Segment]:
        """`segments` up to and with the line that has the hash `head`; all of them when it is nowhere near their ends."""
        for index in range(len(segments) - 1, -1, -1):
            with self._opener.open_part(segments[index].path) as opened:
                end = segments[index].end(opened)
                for step in backward(opened.read, end):
                    if head_of(step.raw) == head:
                        return [*segments[:index], replace(segments[index], limit=step.end)]
                    if end - step.begin > WINDOW:
                        break
        return segments


def oldest_event(since: str) -> str:
    """The time of events before which no event is from `since` on."""
    return earlier(since, CLOCK_SLACK)


def _lines_of(path: Path) -> Iterator[tuple[bytes, bool]]:
    try:
        yield from read_lines(path, MAX_LINE)
    except BrokenError:
        # Whoever reads all of it counts what is missing.
        return


def _first_time(lines: Iterable[bytes]) -> str:
    """The time of the first event among `lines`, empty when it is not near."""
    for raw in islice(lines, _LOOKED_AT):
        line = read(raw)
        if line is not None and line.seq is not None:
            return line.ts
    return ""


def _bisect(opened: PartBytes, size: int, latest: str) -> int | None:
    """Where a line begins behind which all events are younger than `latest`; None: at the end."""
    low, high = 0, size
    while high - low > BLOCK:
        middle = (low + high) // 2
        # Of the first line there may be the end only.
        ts = _first_time(step.raw for step in forward(opened.read, middle, high))
        low, high = (low, middle) if ts > latest else (middle, high)
    if high == size:
        return None
    return next((step.begin for step in islice(forward(opened.read, high, size), 1, 2)), None)
