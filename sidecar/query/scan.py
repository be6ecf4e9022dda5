"""The lines of one log that are asked for, in the log's own order.

A part may go on from a line before the last one (shared/FORMAT.md, "Continuing opening"): what stands between the two, be it
what a power cut left or what a stranger wrote, is no part of the log, and is left out.

A clock may be set back, so a line's time says little about where it stands:

- A line is placed by its time, but never before a line that stands before it in its log: `key` never goes back.
- A part is passed over only when the next one was opened more than an hour before what is asked for. All lines of a part
  were written before the next one was opened, so a clock that was set back by less than an hour hides nothing.
- A line that is too old is passed over by its first bytes alone: an hour of a busy log is a million of them.
"""

import re
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

from shared.chain import head_of
from sidecar.compression import BrokenError
from sidecar.log_tail import LONGEST_LINE
from sidecar.parts import Log
from sidecar.query.lines import Filter, Line, Opening, read, read_opening
from sidecar.query.when import earlier
from sidecar.reading import read_lines

_CLOCK_SLACK = timedelta(hours=1)
# Each line begins with its time.
_BEGIN, _BEHIND = b'{"ts":"', b'",'
_BEFORE_TIME, _BEHIND_TIME = len(_BEGIN), len(_BEGIN) + len("2026-11-23T15:30:00.123456Z") + len(_BEHIND)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)


class Match(NamedTuple):
    """A line that is asked for. `key` is the time by which it is placed among the lines of other logs."""

    key: str
    run: str
    raw: bytes
    line: Line


# Lines without their newline, each with whether it had one.
Lines = Iterator[tuple[bytes, bool]]
Matches = Generator[Match, None, None]


@dataclass
class Unread:
    """What could not be read: how many lines, and which files."""

    lines: int = 0
    problems: list[tuple[Path, OSError | BrokenError]] = field(default_factory=list)

    def add(self, other: "Unread") -> None:
        """Take in what `other` says."""
        self.lines += other.lines
        self.problems += other.problems


def scan(log: Log, run: str, wanted: Filter, unread: Unread) -> Matches:
    """Read the files of `log`, which is of `run`. What cannot be read is noted, and the rest goes on."""
    paths = list(log.parts.values())
    openings = [_opening(path) for path in paths[1:]]
    marks = {each.prev: number for number, each in enumerate(openings, 1) if each and each.continues is not None}
    if wanted.since and not marks:
        following = [*openings, None]
        paths = [path for path, after in zip(paths, following, strict=True) if not is_over(after, wanted.since)]
    return matches([partial(_lines_of, path, unread) for path in paths], run, wanted, unread, marks)


def is_over(following: Opening | None, since: str) -> bool:
    """Whether a part can be passed over; `following` opens the next one, None when that is not known."""
    if following is None or not _TIME.fullmatch(following.ts):
        return False
    return following.ts < earlier(since, _CLOCK_SLACK)


def matches(
    parts: Sequence[Callable[[], Lines]], run: str, wanted: Filter, unread: Unread, marks: Mapping[str, int]
) -> Matches:
    """The lines of `parts` that are asked for. Those that are no lines of a log are counted, torn ones are not.

    `marks` says behind which line, by its hash, the log goes on in which part.
    """
    key, index = "", 0
    since = wanted.since.encode()
    while index < len(parts):
        following = index + 1
        for raw, complete in parts[index]():
            time = raw[_BEFORE_TIME:_BEHIND_TIME]
            if time < since and time.endswith(_BEHIND) and raw.startswith(_BEGIN):
                pass
            elif (line := read(raw) if complete else None) is None:
                unread.lines += complete
            elif wanted.takes(line, raw):
                key = max(key, line.ts)
                yield Match(key, run, raw, line)
            if marks and (target := marks.get(head_of(raw), 0)) > index:
                following = target
                break
        index = following


def _lines_of(path: Path, unread: Unread) -> Lines:
    try:
        yield from read_lines(path, LONGEST_LINE)
    except (OSError, BrokenError) as error:
        unread.problems.append((path, error))


def _opening(path: Path) -> Opening | None:
    # Whoever reads the part itself says what is the matter with it.
    raw, _ = next(_lines_of(path, Unread()), (b"", False))
    return read_opening(raw)
