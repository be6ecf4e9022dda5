"""Checks the log of one run: its parts, its chain, its numbers. Pure: takes lines, gives a report, prints nothing.

- The first line of each part is read beforehand, to know what the parts before it are asked for; then one pass, bounded memory: a window of lines is kept, so that `explain` sees what stood around a damage.
- What somebody else found of a part by itself is taken over where the part fits behind the lines before; else it is read here. The report is the same.
- After a damage the check goes on from the bytes that are there: one edit is one finding, not thousands.
- Torn tails, gaps, repairs are notes: a crash and an honest log leave them.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from itertools import chain, islice, repeat
from typing import NamedTuple

from msgspec.structs import replace

from shared.chain import GENESIS
from shared.wire import MISSING
from sidecar.verify.clean import Recent, count_clean
from sidecar.verify.explain import Finding, explain
from sidecar.verify.line import Line, read_line
from sidecar.verify.report import Alone, Report

# How far apart a line's old and new place may be for it to be called moved, not inserted here and deleted there.
_WINDOW = 1000
# A log damaged from end to end is explained in pieces of so many lines, about 10 MB.
_STRETCH_MAX = 20 * _WINDOW


class Part(NamedTuple):
    """A part of a log. `read` gives its lines without their newline, some at a time, with whether they had one.

    It is called twice. One that had none comes alone.

    `file` is how reports call it; `run` is None when the file's name does not say which run it belongs to. `place` turns the
    how-manieth line that is read (from 1) into its number in the part, where some are known not to be there.
    """

    file: str
    run: str | None
    number: int
    read: Callable[[], Iterable[tuple[Sequence[bytes], bool]]]
    place: Callable[[int], int] = int


# Checks the parts by themselves while it is open, and gives for each, in their order, what `check_alone` found, or None
# where it must be read here. Takes the hashes at which that must stop.
Ahead = Callable[[Collection[str]], AbstractContextManager[Iterator[Alone | None]]]


def _nothing_ahead(_: Collection[str]) -> AbstractContextManager[Iterator[None]]:
    return nullcontext(repeat(None))


def check_log(parts: Sequence[Part], *, head: str = "", whole: bool = True, ahead: Ahead = _nothing_ahead) -> Report:
    """Check the parts of one log, in their order. `head` is a hash to look for among its lines.

    `whole` says that a missing first part is a damage; otherwise a start that cannot be checked is only noted.
    Raises only what reading raises.
    """
    beginnings = [beginning(part) for part in parts]
    marks = {first.prev for first, _ in beginnings if _goes_on_elsewhere(first)}
    checker = _Checker(head, marks)
    with ahead({*marks, head}) as found_alone:
        for index, (part, (first, _)) in enumerate(zip(parts, beginnings, strict=True)):
            checker.begin(part, first, whole=whole)
            alone = next(found_alone)
            if alone and checker.take_over(part, alone):
                continue
            following = beginnings[index + 1 :]
            resumed = next((each for each in following if not each[0].bad), None)
            is_elsewhere = resumed is not None and _goes_on_elsewhere(resumed[0])
            # A crash tears the end of a log, and what the sidecar could not mend it left for the next part.
            checker.read(part, _behind_a_hole(resumed), may_be_torn=is_elsewhere or not following)
    return checker.finish()


def beginning(part: Part) -> tuple[Line, Line]:
    """The first two lines of a part."""
    lines = []
    read = ((raw, complete) for batch, complete in part.read() for raw in batch)
    for index, (raw, complete) in enumerate(islice(read, 2), 1):
        line = read_line(raw, part.file, part.place(index))
        lines.append(line if complete else replace(line, bad="it has no newline"))
    none = replace(read_line(b"", part.file, 1), bad="there is none")
    first, second, *_ = [*lines, none, none]
    return first, second


def _goes_on_elsewhere(first: Line) -> bool:
    """Whether a part says that it goes on from another line than the last one before it."""
    return first.record is not None and first.record.continues is not None


def _behind_a_hole(resumed: tuple[Line, Line] | None) -> str | None:
    """The hash of the line from which the log goes on in `resumed`, the beginning of a later part, behind a crash.

    None when it goes on at the end of the part, or when what stands behind that line had been acknowledged: no crash takes
    that away.
    """
    if resumed is None or not _goes_on_elsewhere(resumed[0]):
        return None
    second = resumed[1].record
    return None if second is not None and second.reason == MISSING else resumed[0].prev


class _Checker:
    def __init__(self, head: str, marks: set[str]) -> None:
        self._report = Report()
        self._head = head
        self._before = Line("", 0, GENESIS, "", 1, 0)
        self._recent = Recent(_WINDOW, self._before)
        self._stretch: list[Line] = []
        self._calm = 0
        self._marks = marks
        # A part whose first line cannot be read is gone on from at the start.
        self._marked = {GENESIS: self._before}
        self._files: list[str] = []
        self._part = 0
        # Whether the first lines may be missing.
        self._may_lack = False
        self._misnamed: list[Finding] = []

    def begin(self, part: Part, first: Line, *, whole: bool) -> None:
        """Find what the first line of a part is to be chained to."""
        before, self._part = self._part, part.number
        self._may_lack = not (whole or before)
        self._files.append(part.file)
        self._report.parts += 1
        self._check_name(part, first)
        if part.number > before + 1:
            if before or whole:
                self._miss(part, before + 1)
            else:
                self._report.note(part.file, 0, "the part before is not here, so the start could not be checked")
            self._restart(Line(part.file, 0, first.prev, "", first.first, first.first - 1))
        if _goes_on_elsewhere(first) and (marked := self._marked.get(first.prev)):
            self._check_behind(marked)
            self._restart(marked)

    def take_over(self, part: Part, alone: Alone) -> bool:
        """Take a part as it was found by itself, if it goes on where the line before it ends."""
        if self._stretch or (alone.prev, alone.first) != (self._before.hash, self._before.last + 1):
            return False
        self._report.add(alone.report)
        others = alone.report.lines - 1
        self._recent.add_later(others, partial(_last_of, part, others))
        self._recent.add(alone.last)
        self._before = alone.last
        return True

    def read(self, part: Part, before_hole: str | None, *, may_be_torn: bool) -> None:
        """Check the lines of a part. Behind the line with the hash `before_hole`, holes are a crash's trace."""
        stops = {*self._marks, self._head, before_hole}
        read = number = 0
        batches = iter(part.read())
        for lines, complete in batches:
            at = 0
            while at < len(lines):
                before, number = number, part.place(read + at + 1)
                if number > before + 1:
                    self._pass_over(read_line(lines[at], part.file, number), before + 1)
                # A single zero is a flipped bit, not a page that never reached the disk.
                if self._before.hash == before_hole and lines[at].count(0) > 1:
                    rest = chain(lines[at:], (raw for more, _ in batches for raw in more))
                    size = sum(len(raw) + 1 for raw in rest)
                    text = f"unfinished write: {size} bytes with holes in them, as a power cut leaves them"
                    self._report.note(part.file, number, text)
                    return
                in_place = complete and part.place(read + len(lines)) - number == len(lines) - at - 1
                clean = count_clean(lines, at, self._before, stops) if in_place and not self._stretch else 0
                if clean:
                    self._take_clean(part.file, number, lines[at : at + clean])
                else:
                    self._take_raw(lines[at], part.file, number, complete=complete, may_be_torn=may_be_torn)
                at += clean or 1
                number += max(clean - 1, 0)
            read += len(lines)
        if not read:
            self._report.note(part.file, 0, "empty")

    def finish(self) -> Report:
        """Explain what is left."""
        self._settle()
        for finding in self._misnamed:
            place = (finding.first.file, 1)
            if not any((found.first.file, found.first.number) == place for found in self._report.findings):
                self._report.find(finding)
        return self._report

    def _take_clean(self, file: str, number: int, lines: Sequence[bytes]) -> None:
        last = read_line(lines[-1], file, number + len(lines) - 1)
        self._before = last
        self._recent.add_unread(file, number, lines)
        self._report.count_events(len(lines), last)

    def _take_raw(self, raw: bytes, file: str, number: int, *, complete: bool, may_be_torn: bool) -> None:
        if complete:
            self._take(read_line(raw, file, number))
        elif may_be_torn:
            text = f"torn tail: {len(raw)} bytes of an unfinished line, as a crash leaves them"
            self._report.note(file, number, text)
        else:
            self._take(replace(read_line(raw, file, number), bad="it has no newline, but the log goes on"))

    def _take(self, line: Line) -> None:
        before, self._before = self._before, line
        clean = line.prev == before.hash and line.first == before.last + 1 and not line.bad
        if self._stretch:
            self._stretch.append(line)
            self._calm = self._calm + 1 if clean else 0
            if self._calm == _WINDOW or len(self._stretch) >= _STRETCH_MAX:
                self._settle()
        elif clean:
            self._recent.add(line)
        else:
            self._stretch = [*self._recent.read(), line]
            self._calm = 0
        self._report.count(line, self._head)
        if line.hash in self._marks:
            self._marked[line.hash] = line

    def _settle(self) -> None:
        if self._stretch:
            for finding in explain(self._stretch):
                self._report.find(finding)
            # Only what fits is a ground for what follows: the rest has been explained.
            self._recent = Recent(_WINDOW, *self._stretch[-max(self._calm, 1) :])
            self._stretch = []

    def _restart(self, anchor: Line) -> None:
        self._settle()
        self._before = anchor
        self._recent = Recent(_WINDOW, anchor)

    def _check_name(self, part: Part, first: Line) -> None:
        record = first.record
        if record and record.run and part.run and (record.run, record.part) != (part.run, part.number):
            text = f"It opens part {record.part} of {record.run}; the file's name says otherwise."
            self._misnamed.append(Finding("first line", first, first, text))

    def _check_behind(self, marked: Line) -> None:
        """The part that begins goes on from `marked`; whatever made it do so must show behind that line."""
        self._settle()
        last = self._before
        if self._place(last) <= self._place(marked):
            return
        if not any(self._place(found.last) >= self._place(marked) for found in self._report.findings):
            place = f"line {marked.number} of {marked.file}" if marked.number else "its start"
            text = f"The log goes on from {place}: this was never part of it."
            number = marked.number + 1 if last.file == marked.file else 1
            self._report.find(Finding("inserted", replace(last, number=number), last, text))

    def _place(self, line: Line) -> tuple[int, int]:
        return (self._files.index(line.file) if line.file else -1), line.number

    def _pass_over(self, line: Line, wanted: int) -> None:
        """The lines from `wanted` up to this one are known not to be there."""
        self._settle()
        last = line.number - 1
        if wanted == 1 and self._may_lack:
            self._report.note(line.file, line.number, f"{_lines(1, last)} not here, so the start could not be checked")
        else:
            self._report.find(Finding("deleted", line, line, f"{_lines(wanted, last)} not here."))
        self._restart(Line(line.file, last, line.prev, "", line.first, line.first - 1))

    def _miss(self, part: Part, wanted: int) -> None:
        self._settle()
        here = Line(part.file, 0, "", "", 1, 0)
        last = part.number - 1
        text = f"Part {wanted} is not here." if wanted == last else f"Parts {wanted} to {last} are not here."
        self._report.find(Finding("missing part", here, here, text))


def _last_of(part: Part, count: int) -> list[Line]:
    """The last of the first `count` lines of a part, as many as a window holds."""
    lines = ((raw, part.file, number) for number, raw in enumerate(chain.from_iterable(b for b, _ in part.read()), 1))
    return [read_line(*each) for each in deque(islice(lines, count), _WINDOW)]


def _lines(first: int, last: int) -> str:
    return f"Line {first} is" if first == last else f"Lines {first} to {last} are"
