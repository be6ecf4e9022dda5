"""`python -m sidecar verify`: are these logs what the sidecar wrote? Reads the files itself and needs no sidecar.

- Exit status: 0 intact (torn tails and gaps are noted), 1 damaged, 2 something could not be read. Damage goes first.
- What stands in a file or a file's name reaches the terminal only in printable characters.
"""

import argparse
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from shared.errors import SettingsError
from shared.settings import directories
from sidecar.verify.check import check_log
from sidecar.verify.explain import Finding
from sidecar.verify.files import Log, find_logs, merge
from sidecar.verify.report import Note, Report

INTACT, DAMAGED, UNREADABLE = 0, 1, 2

# A reason in a record is the longest text shown; a line of output stays readable with so much of it.
_TEXT_MAX = 300


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "paths", nargs="*", type=Path, metavar="FILE|DIR", help="logs, or directories of logs; else the audit directory"
    )
    parser.add_argument(
        "--head", type=_head, metavar="HASH", help="64 hex characters noted earlier: must be in these logs"
    )


def run(arguments: argparse.Namespace) -> int:
    """Check the logs named, print what was found, and return the exit status."""
    logs, unreadable = _collect(arguments.paths or [directories().audit])
    reports = []
    directory = None
    for log in logs:
        if log.directory != directory:
            directory = log.directory
            _print(f"In {directory}:")
        report = _check(log, arguments.head)
        if report is None:
            unreadable += 1
        else:
            _print_report(log, report)
            reports.append(report)
    found = _print_head(reports) if arguments.head and reports else True
    damaged = sum(bool(report.findings) for report in reports)
    _print_total(len(reports), damaged, unreadable)
    if damaged or not found:
        return DAMAGED
    return UNREADABLE if unreadable else INTACT


def _head(text: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise argparse.ArgumentTypeError(f"a head is 64 hex characters; this is {_printable(text)!r}")
    return text.lower()


def _collect(paths: Iterable[Path]) -> tuple[list[Log], int]:
    logs: list[Log] = []
    unreadable = 0
    for path in paths:
        try:
            logs += find_logs(path)
        except (OSError, SettingsError) as error:
            _complain(path, error)
            unreadable += 1
    return merge(logs), unreadable


def _check(log: Log, head: str | None) -> Report | None:
    try:
        report = check_log(log.open(), head=head or "", whole=log.whole)
    except OSError as error:
        _complain(Path(error.filename or log.name), error)
        return None
    if log.run is None and not report.lines:
        _complain(
            next(iter(log.parts.values())), SettingsError("it is not a log: no line of it is one of the sidecar's")
        )
        return None
    return report


def _print_report(log: Log, report: Report) -> None:
    for finding in report.findings:
        _print(_damage(finding))
    if report.more_findings:
        _print(f"{log.name}: and {report.more_findings} more damages")
    for note in report.notes:
        _print(_noted(note))
    if report.more_notes:
        _print(f"{log.name}: and {report.more_notes} more notes")
    _print(_summary(log, report))


def _damage(finding: Finding) -> str:
    first, last = finding.first, finding.last
    place = f"{first.file}:{first.number}" if first.number else first.file
    if last.file != first.file:
        place = f"{place} to {last.file}:{last.number}"
    elif last.number > first.number:
        place = f"{place}-{last.number}"
    return f"{place}: {finding.kind}: {finding.text}"


def _noted(note: Note) -> str:
    place = f"{note.file}:{note.line}" if note.line else note.file
    return f"{place}: note: {note.text}"


def _summary(log: Log, report: Report) -> str:
    return ", ".join(
        [
            f"{log.name}: {'damaged' if report.findings else 'intact'}",
            report.state,
            _count(report.parts, "part"),
            _count(report.events, "event") + (f" ({report.first} to {report.last})" if report.last else ""),
            f"{report.lost} lost",
            f"head {report.head or 'none'}",
        ]
    )


def _print_head(reports: Iterable[Report]) -> bool:
    for report in reports:
        if line := report.sought:
            since = f"{_count(report.since, 'line')} {'was' if report.since == 1 else 'were'} added since"
            _print(f"head matches: {line.file}:{line.number}, {since if report.since else 'the last line'}")
            return True
    _print("head not found: no line has this hash. Since it was noted, the end of its log was cut or rewritten.")
    return False


def _print_total(checked: int, damaged: int, unreadable: int) -> None:
    missing = f", {unreadable} could not be read" if unreadable else ""
    _print(f"{_count(checked, 'log')}, {checked - damaged} intact, {damaged} damaged{missing}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _complain(path: Path, error: OSError | SettingsError) -> None:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    sys.stderr.write(f"cannot verify {_printable(str(path))}: {_printable(reason or type(error).__name__)}\n")


def _print(text: str) -> None:
    sys.stdout.write(f"{_printable(text)}\n")


def _printable(text: str) -> str:
    """Escape what could steer a terminal, or what stdout cannot encode, and shorten."""
    if len(text) > _TEXT_MAX:
        text = f"{text[:_TEXT_MAX]}…"
    text = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
