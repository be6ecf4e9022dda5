"""`python -m sidecar fleet query`: what do the machines' lines say about this? Reads the stream.

- Exit status: 0 something was found, 1 nothing was, 2 the stream, or a line of it, could not be read.
- A run is read from where its lines can begin: a line is stored after it was written, by clocks that differ by less than a
  day. Memory grows with the runs that are merged and with `--limit`, not with the lines.
- Lines come in the order of the stream, second copies once. Whether they fit their chain is `fleet verify`'s business.
"""

import argparse
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from functools import partial

from sidecar.fleet.message import Message
from sidecar.fleet.subjects import host_and_run
from sidecar.forward.subject import host_token
from sidecar.forward.target import Target
from sidecar.query import FOUND, NOTHING, UNREADABLE, add_filters, encoded, filter_of, print_all
from sidecar.query.lines import Filter
from sidecar.query.merge import Scan, merged
from sidecar.query.scan import Lines, Match, Matches, Unread, matches
from sidecar.query.shown import as_json, as_text
from sidecar.query.when import earlier

_SLACK = timedelta(days=1)
# A forwarder that was interrupted sends at most so many lines again.
_COPIES = 10_000
_DESCRIPTION = """\
Print what the machines' lines in the stream say, oldest first. Options and their meaning are those of
`python -m sidecar query`, and --host. Each line shows its machine before what `query` shows.
"""
_EPILOG = """\
examples:
  python -m sidecar fleet query --since 2h --level error
  python -m sidecar fleet query --host desk-1 --host desk-2 --text customers.csv

Exits 0 when something was found, 1 when nothing was, 2 when the stream, or a line of it, could not be read.
"""

# Gives the messages of a subject that were stored since a time, empty for all.
Read = Callable[[str, str], Iterator[Message]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description, parser.epilog = _DESCRIPTION, _EPILOG
    parser.add_argument("--host", action="append", metavar="HOST", help="only this machine")
    add_filters(parser)


def run(arguments: argparse.Namespace, collector: Target) -> int:
    """Print the lines asked for, and return the exit status. Raises AuditError."""
    # Here, so that the other commands do without nats-py.
    from sidecar.fleet.stream import Stream  # noqa: PLC0415

    wanted, unread = filter_of(arguments), Unread()
    with Stream(collector) as stream:
        last = stream.state().last

        def read(subject: str, since: str) -> Iterator[Message]:
            return stream.read(subject, last=last, since=since)

        hosts = frozenset(map(host_token, arguments.host or ()))
        subjects = [
            (subject, host, run)
            for subject in stream.subjects()
            if (parsed := host_and_run(subject, collector.prefix))
            for host, run in [parsed]
            if (not hosts or host in hosts) and (not arguments.run or run.endswith(tuple(arguments.run)))
        ]
        scans = [_scan(read, subject, host, run, wanted) for subject, host, run in sorted(subjects)]
        found: Iterable[Match] = merged(scans, unread)
        if arguments.limit:
            found = deque(found, arguments.limit)
        printed = print_all(found, as_json if arguments.json else _as_text)
    if unread.lines:
        what = "1 message is no line" if unread.lines == 1 else f"{unread.lines:,} messages are no lines"
        sys.stderr.write(f"{what} of a log; run `python -m sidecar fleet verify`\n")
        return UNREADABLE
    return FOUND if printed else NOTHING


def _scan(read: Read, subject: str, host: str, run: str, wanted: Filter) -> Scan:
    since = earlier(wanted.since, _SLACK) if wanted.since else ""

    def scan(unread: Unread) -> Matches:
        # The machine goes through the merge before the run's id, which is all that the merge does not look at.
        return matches([partial(_lines, read(subject, since))], f"{host}/{run}", wanted, unread, {})

    return scan


def _lines(messages: Iterator[Message]) -> Lines:
    recent: dict[str, None] = {}
    for message in messages:
        if message.id in recent:
            continue
        if message.id:
            recent[message.id] = None
            if len(recent) > _COPIES:
                del recent[next(iter(recent))]
        yield message.body, True


def _as_text(match: Match) -> bytes:
    host, _, run = match.run.partition("/")
    return encoded(f"{host:<12} {as_text(match._replace(run=run))}")
