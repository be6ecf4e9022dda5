"""`python -m sidecar query`: what do the logs say about this? Reads the files itself and needs no sidecar.

- Exit status: 0 something was found, 1 nothing was, 2 something could not be read, whatever was found.
- Memory does not grow with the logs, only with `--limit`.
- What stands in a log reaches the terminal only in printable characters, but for `--json`, which is for programs.
"""

import argparse
import re
import sys
from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from shared.settings import directories
from sidecar.complaints import Complaints
from sidecar.parts import Log, collect, run_inside
from sidecar.query import when
from sidecar.query.lines import Filter
from sidecar.query.merge import merged
from sidecar.query.scan import Match, Unread, scan
from sidecar.query.shown import as_json, as_text

FOUND, NOTHING, UNREADABLE = 0, 1, 2

_DESCRIPTION = """\
Print what the logs say, oldest first. Given twice, an option takes either value; different options must all hold.
Each line shows its run, its number in the run (- for the sidecar's own), its time (UTC) and what happened.
"""
_EPILOG = """\
A TIME is a date (2026-11-23), a date and time (2026-11-23T15:30, or with seconds; UTC, unless it ends in a zone like
+01:00), or how long ago (30s, 15m, 2h, 7d, 2w). --until includes the day, minute or second that it names.

examples:
  python -m sidecar query --since 15m
  python -m sidecar query --level warning --level error --since 2026-11-20 --until 2026-11-23
  python -m sidecar query --text customers.csv mailed-to-us.jsonl.zst

Exits 0 when something was found, 1 when nothing was, 2 when something could not be read.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description, parser.epilog = _DESCRIPTION, _EPILOG
    parser.add_argument(
        "paths", nargs="*", type=Path, metavar="FILE|DIR", help="logs, or directories of logs; else the audit directory"
    )
    add_filters(parser)


def add_filters(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which lines are asked for, and how they are printed."""
    now = datetime.now(UTC)
    add = parser.add_argument
    add(
        "--run", action="append", type=_run, metavar="RUN", help="only this run: its id, or the last 8 characters of it"
    )
    add("--session", action="append", metavar="SESSION", help="only this browser session: 8 characters")
    add("--category", action="append", metavar="CATEGORY", help="only this category; `audit`: the sidecar's own lines")
    add("--level", action="append", metavar="LEVEL", help="only this level: debug, info, warning, error")
    add("--text", metavar="TEXT", help="only lines with this text in the message or the details, in any case")
    add("--since", type=_time(when.since, now), metavar="TIME", help="nothing before this time")
    add("--until", type=_time(when.until, now), metavar="TIME", help="nothing after this time")
    add("--limit", type=_limit, metavar="N", help="only the newest N of these lines")
    add("--json", action="store_true", help="print the lines exactly as they stand in the log")


def run(arguments: argparse.Namespace) -> int:
    """Print the lines asked for, and return the exit status."""
    complain = Complaints("read")
    logs = _of_runs(collect(arguments.paths or [directories().audit], complain), arguments.run, complain)
    unread = Unread()
    wanted = filter_of(arguments)
    found: Iterable[Match] = merged([partial(scan, log, run, wanted) for run, log in logs], unread)
    if arguments.limit:
        found = deque(found, arguments.limit)
    printed = print_all(found, as_json if arguments.json else _encoded)
    for path, error in unread.problems:
        complain(path, error)
    if unread.lines:
        sys.stderr.write(f"{_lines(unread.lines)} could not be read; run `python -m sidecar verify`\n")
    if complain.count or unread.lines:
        return UNREADABLE
    return FOUND if printed else NOTHING


def _of_runs(logs: Iterable[Log], wanted: list[str] | None, complain: Complaints) -> list[tuple[str, Log]]:
    """The logs with their runs; `wanted` are ids or their ends, None stands for all."""
    found = []
    for log in logs:
        try:
            run = run_inside(log)
        except OSError as error:
            complain(log.path, error)
        else:
            if wanted is None or run.endswith(tuple(wanted)):
                found.append((run, log))
    return found


def filter_of(arguments: argparse.Namespace) -> Filter:
    """What the options of `add_filters` ask for."""
    return Filter(
        categories=frozenset(arguments.category or ()),
        levels=frozenset(arguments.level or ()),
        sessions=frozenset(arguments.session or ()),
        since=arguments.since or "",
        until=arguments.until or "",
        text=arguments.text or "",
    )


def print_all(found: Iterable[Match], shown: Callable[[Match], bytes]) -> int:
    """Print, and return how many lines there were."""
    printed = 0
    for match in found:
        sys.stdout.buffer.write(shown(match) + b"\n")
        printed += 1
    sys.stdout.flush()
    return printed


def _encoded(match: Match) -> bytes:
    return encoded(as_text(match))


def encoded(text: str) -> bytes:
    """`text` as stdout can say it."""
    return text.encode(sys.stdout.encoding or "utf-8", "backslashreplace")


def _run(text: str) -> str:
    if not re.fullmatch(r"([0-9]{8}T[0-9]{6}Z-)?[0-9a-f]{8}", text):
        raise argparse.ArgumentTypeError(f"a run's id is like 20261123T153000Z-a1b2c3d4; this is {text!r}")
    return text


def _time(read: Callable[[str, datetime], str], now: datetime) -> Callable[[str], str]:
    def convert(text: str) -> str:
        try:
            return read(text, now)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return convert


def _limit(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise argparse.ArgumentTypeError(f"a number from 1 on; this is {text!r}")
    return int(text)


def _lines(number: int) -> str:
    return "1 line" if number == 1 else f"{number:,} lines"
