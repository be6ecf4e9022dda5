"""`python -m sidecar verify`: are these logs what the sidecar wrote? Reads the files itself and needs no sidecar.

- Exit status: 0 intact (torn tails and gaps are noted), 1 damaged, 2 something could not be read. Damage goes first.
- What stands in a file or a file's name reaches the terminal only in printable characters.
- The parts of a long log are checked on all CPUs at once, by processes beside this one; what is said does not depend on that.
"""

import argparse
import re
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from shared.errors import SettingsError
from sidecar.complaints import Complaints
from sidecar.parts import Log, collect
from sidecar.verify.ahead import checking_ahead, usable_cpus
from sidecar.verify.check import check_log
from sidecar.verify.explain import Finding
from sidecar.verify.files import Source, Tell, difference, parts_of, sources_of
from sidecar.verify.line import Line
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
    # It imports ZeroMQ, which those who check a part in a process of its own need not wait for: 60 ms.
    from shared.settings import directories  # noqa: PLC0415

    complain = Complaints("verify")
    reports = []
    directory = None
    for log in collect(arguments.paths or [directories().audit], complain):
        if log.directory != directory:
            directory = log.directory
            _print(f"In {directory}:")
        report = _check(log, arguments.head, complain)
        if report is not None:
            for line in report_lines(log, report):
                _print(line)
            reports.append(report)
    found = _print_head(reports) if arguments.head and reports else True
    damaged = sum(bool(report.findings) for report in reports)
    _print_total(len(reports), damaged, complain.count)
    # Here a reader that has gone can still be met.
    sys.stdout.flush()
    if damaged or not found:
        return DAMAGED
    return UNREADABLE if complain.count else INTACT


def _head(text: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise argparse.ArgumentTypeError(f"a head is 64 hex characters; this is {_printable(text)!r}")
    return text.lower()


def check_files(log: Log, head: str = "", tell: Tell | None = None, processes: int = 1) -> Report:
    """Check one log; `head` is a hash to look for, `tell` hears how far it is. Raises OSError when a file cannot be read.

    `processes`: a long log is checked in so many beside this one, of which `tell` hears nothing.
    """
    sources = sources_of(log, tell)
    ahead = partial(checking_ahead, list(sources.values()), processes)
    report = check_log(parts_of(log, sources), head=head, whole=log.whole, ahead=ahead)
    _name_breaks(report, sources.values())
    for number, path in log.parts.items():
        # One before the last part was found missing by the part behind it.
        if number > max(sources):
            here = Line(path.name, 0, "", "", 1, 0)
            report.find(Finding("missing part", here, here, "Something else than a file stands in its place."))
    for plain, compressed in log.doubles:
        _compare(report, plain, compressed, log.lengths.get(plain))
    return report


def _check(log: Log, head: str | None, complain: Complaints) -> Report | None:
    try:
        report = check_files(log, head or "", processes=usable_cpus())
    except OSError as error:
        complain(Path(error.filename or log.name), error)
        return None
    if log.run is None and not report.lines:
        complain(log.path, SettingsError("it is not a log: no line of it is one of the sidecar's"))
        return None
    return report


def _name_breaks(report: Report, sources: Iterable[Source]) -> None:
    """Say of the lines that stand for what could not be decompressed what they are."""
    breaks = {(source.path.name, source.broken_at): source.broken for source in sources if source.broken}
    for index, found in enumerate(report.findings):
        if why := breaks.get((found.last.file, found.last.number)):
            text = f"From here on its compressed bytes cannot be read: {why}."
            report.findings[index] = Finding("broken compression", found.first, found.last, text)


def _compare(report: Report, plain: Path, compressed: Path, length: int | None) -> None:
    if why := difference(plain, compressed, length):
        here = Line(compressed.name, 0, "", "", 1, 0)
        report.find(Finding("two forms", here, here, f"The part is there plain, too, and {why}."))
    else:
        report.note(compressed.name, 0, "the part is there plain, too, with the same bytes: `compress` was interrupted")


def report_lines(log: Log, report: Report) -> list[str]:
    """What `verify` prints of one log: its damages, its notes, and a line that sums them up."""
    lines = [damage_line(finding) for finding in report.findings]
    if report.more_findings:
        lines.append(f"{log.name}: and {report.more_findings} more damages")
    lines += [note_line(note) for note in report.notes]
    if report.more_notes:
        lines.append(f"{log.name}: and {report.more_notes} more notes")
    return [*lines, _summary(log, report)]


def damage_line(finding: Finding) -> str:
    """`datatools-….jsonl:7: edited: …`."""
    first, last = finding.first, finding.last
    place = f"{first.file}:{first.number}" if first.number else first.file
    if last.file != first.file:
        place = f"{place} to {last.file}:{last.number}"
    elif last.number > first.number:
        place = f"{place}-{last.number}"
    return f"{place}: {finding.kind}: {finding.text}"


def note_line(note: Note) -> str:
    """`datatools-….jsonl:7: note: …`."""
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


def _print(text: str) -> None:
    sys.stdout.write(f"{_printable(text)}\n")


def _printable(text: str) -> str:
    """Escape what could steer a terminal, or what stdout cannot encode, and shorten."""
    if len(text) > _TEXT_MAX:
        text = f"{text[:_TEXT_MAX]}…"
    text = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
