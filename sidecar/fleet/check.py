"""Checks one run by what the stream holds of it: its chain as `verify` checks it, and what only the stream can show. Pure but for reading.

- The lines are put in their order by their ids, whatever order they came in; second copies are compared with the first.
- A line that is known by its id to be missing is said to be missing, not taken for an edit of its neighbours.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from itertools import accumulate
from typing import NamedTuple

from shared.naming import log_name
from sidecar.fleet.errors import CollectorError
from sidecar.fleet.message import Message
from sidecar.fleet.subjects import Place, place_of
from sidecar.fleet.survey import RunSurvey, Stretch
from sidecar.forward.subject import host_token
from sidecar.verify.check import Part, check_log
from sidecar.verify.explain import Finding
from sidecar.verify.line import Line
from sidecar.verify.report import Report

# Gives the messages of a subject between two sequences, both included.
Read = Callable[[str, int, int], Iterator[Message]]


class Wanted(NamedTuple):
    """What a run is held against.

    A `head` noted elsewhere, the other machines that it is published by, and whether its first lines must be there.
    """

    head: str = ""
    elsewhere: tuple[str, ...] = ()
    whole: bool = True


def check_run(run: RunSurvey, read: Read, wanted: Wanted) -> Report:
    """Check a run. Raises CollectorError when the stream cannot be read, or is another than it was."""
    pieces = _Pieces(run, read)
    report = check_log(pieces.parts(), head=wanted.head, whole=wanted.whole)
    _add_other_copies(report, run, pieces)
    _add_strangers(report, run)
    _add_other_hosts(report, run, wanted.elsewhere)
    if wanted.head:
        _add_head(report, run)
    if run.late:
        report.note(log_name(run.run), 0, f"{_lines(run.late)} came later than lines behind them, and fit")
    if run.unkept:
        here = _at(Place(1, 0), run.run)
        text = f"Its messages are in a disorder that no forwarder makes; {_lines(run.unkept)} could not be checked."
        report.find(Finding("reordered", here, here, text))
    return report


class _Pieces:
    """The lines of a run in their order, by stretches of the stream."""

    def __init__(self, run: RunSurvey, read: Read) -> None:
        self._run = run
        self._read = read
        self._stretches: dict[int, list[Stretch]] = {}
        for stretch in sorted(run.stretches):
            self._stretches.setdefault(stretch.first.part, []).append(stretch)
        self.other: set[Stretch] = set()

    def parts(self) -> list[Part]:
        """The parts as `check_log` wants them."""
        return [
            Part(log_name(self._run.run, part), self._run.run, part, partial(self._lines, part), _place_in(stretches))
            for part, stretches in sorted(self._stretches.items())
        ]

    def _lines(self, part: int) -> Iterator[tuple[list[bytes], bool]]:
        copies = sorted((each for each in self._run.copies if each.first.part == part), reverse=True)
        open_copies = []
        for place, body in self._in_order(part):
            while copies and copies[-1].first <= place:
                open_copies.append((copies.pop(), sha256()))
            for copy, digest in open_copies:
                digest.update(body + b"\n")
                if copy.last == place and digest.hexdigest() != copy.digest:
                    self.other.add(copy)
            if open_copies:
                open_copies = [each for each in open_copies if each[0].last > place]
            yield [body], True

    def _in_order(self, part: int) -> Iterator[tuple[Place, bytes]]:
        for stretch in self._stretches[part]:
            expected = stretch.first
            for message in self._read(self._run.subject, stretch.sequence, stretch.last_sequence):
                if place_of(message.id, self._run.host, self._run.run) != expected:
                    break
                yield expected, message.body
                expected = Place(part, expected.line + 1)
            if expected.line != stretch.first.line + stretch.lines:
                raise CollectorError(
                    f"The stream changed while {self._run.subject} was read: line {expected.line} of part {part} is gone. "
                    "Run this again; if a replica only lags behind, it will be there."
                )


def _place_in(stretches: list[Stretch]) -> Callable[[int], int]:
    before = [0, *accumulate(stretch.lines for stretch in stretches)]

    def place(index: int) -> int:
        at = min(bisect_right(before, index - 1), len(stretches)) - 1
        return stretches[at].first.line + index - 1 - before[at]

    return place


def _add_other_copies(report: Report, run: RunSurvey, pieces: _Pieces) -> None:
    for copy in sorted(run.copies):
        if copy in pieces.other:
            text = (
                f"Published again as {_messages(copy)} with other bytes: somebody wrote this run anew. The chain that was "
                "checked is the one that came first."
            )
            report.find(Finding("rewritten", _at(copy.first, run.run), _at(copy.last, run.run), text))
    if same := [copy for copy in run.copies if copy not in pieces.other]:
        count = sum(copy.lines for copy in same)
        report.note(
            log_name(run.run), 0, f"{_lines(count)} came twice, with the same bytes: a forwarder sent them again"
        )


def _add_strangers(report: Report, run: RunSurvey) -> None:
    for stranger in run.strangers:
        here = _at(Place(1, 0), run.run)
        what = f"has the id {stranger.id!r}" if stranger.id else "has no id"
        text = f"Message {stranger.sequence} under this run's subject is none of its lines: it {what}."
        report.find(Finding("inserted", here, here, text))
    report.more_findings += run.more_strangers


def _add_other_hosts(report: Report, run: RunSurvey, elsewhere: tuple[str, ...]) -> None:
    is_own = not run.named or host_token(run.named) == run.host
    if elsewhere:
        here = _at(Place(1, 1), run.run)
        says = f"; its opening line names {run.named}" if run.named else ""
        text = f"This run is published by {', '.join(elsewhere)}, too{says}: one of them is not who it says."
        report.find(Finding("wrong host", here, here, text))
    elif not is_own:
        report.note(log_name(run.run), 1, f"its opening line names the machine {run.named}")


def _add_head(report: Report, run: RunSurvey) -> None:
    if line := report.sought:
        since = f"{_lines(report.since)} came since" if report.since else "the last line"
        report.note(line.file, line.number, f"the head that was noted is this line's; {since}")
    else:
        here = _at(Place(1, 0), run.run)
        text = "No line has the hash that was noted: since then, the end of this run was taken away or written anew."
        report.find(Finding("head not found", here, here, text))


def _at(place: Place, run: str) -> Line:
    return Line(log_name(run, place.part), place.line, "", "", 1, 0)


def _messages(stretch: Stretch) -> str:
    if stretch.lines == 1:
        return f"message {stretch.sequence}"
    return f"messages {stretch.sequence} to {stretch.last_sequence}"


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count:,} lines"
