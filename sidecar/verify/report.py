"""What a log turned out to be: what was found, what is worth knowing, and the sums. Pure."""

from dataclasses import dataclass, field
from typing import NamedTuple

from sidecar.verify.explain import Finding
from sidecar.verify.line import Line, Record

# Nobody reads more; the rest is counted.
_LIST_MAX = 100
# These a program reads, too.
_GAPS_MAX = 1000


class Note(NamedTuple):
    """What is worth knowing and is no damage. `line` is 0 when it is about the whole file.

    `quoted` is the end of the text where it is the log's own words.
    """

    file: str
    line: int
    text: str
    quoted: str = ""


class Gap(NamedTuple):
    """A declared loss of the numbers `first` to `last`, and the line that declares it."""

    file: str
    line: int
    first: int
    last: int
    reason: str


@dataclass
class Report:
    """The result of checking a log.

    `first` and `last` are sequence numbers, `lost` counts those in gap records, `head` is the hash of the last line.
    `state` is `open`, `closed` or `vanished`. `sought` is the last line that has the hash looked for, `since` how many
    lines stand behind it. Findings and notes beyond the first hundred, and gaps beyond the first thousand, are only counted,
    in `more_…`.
    """

    findings: list[Finding] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    more_findings: int = 0
    more_notes: int = 0
    more_gaps: int = 0
    parts: int = 0
    lines: int = 0
    events: int = 0
    lost: int = 0
    first: int = 0
    last: int = 0
    head: str = ""
    state: str = "open"
    sought: Line | None = None
    since: int = 0

    def count(self, line: Line, head: str) -> None:
        """Take a line into the sums; `head` is the hash looked for."""
        self.since += 1
        if line.hash == head:
            self.sought, self.since = line, 0
        if line.bad:
            return
        self.lines += 1
        self.head = line.hash
        if line.record:
            self._count_record(line, line.record)
        else:
            self.events += 1
            self.state = "open"
            self._reach(line)

    def count_events(self, number: int, last: Line) -> None:
        """The same for `number` events one behind the other, of which `last` is the last and none is looked for."""
        self.since += number
        self.lines += number
        self.events += number
        self.state = "open"
        self.head = last.hash
        self.first = self.first or last.last - number + 1
        self.last = last.last

    def add(self, other: "Report") -> None:
        """Take in the lines behind, of which `other` has no findings, and whose state is that of the first of them or later."""
        self.since += other.since
        self.lines += other.lines
        self.events += other.events
        self.lost += other.lost
        self.first = self.first or other.first
        self.last = other.last or self.last
        self.head = other.head
        self.state = other.state
        for note in other.notes:
            self._list_note(note)
        for gap in other.gaps:
            self._list_gap(gap)
        self.more_notes += other.more_notes
        self.more_gaps += other.more_gaps

    def find(self, finding: Finding) -> None:
        """List a damage."""
        if len(self.findings) < _LIST_MAX:
            self.findings.append(finding)
        else:
            self.more_findings += 1

    def note(self, file: str, line: int, text: str, quoted: str = "") -> None:
        """List a note, whose text ends in what is `quoted`."""
        self._list_note(Note(file, line, text + quoted, quoted))

    def _reach(self, line: Line) -> None:
        self.first = self.first or line.first
        self.last = line.last

    def _count_record(self, line: Line, record: Record) -> None:
        if record.lost:
            self.lost += record.lost
            self._reach(line)
            self._list_gap(Gap(line.file, line.number, line.first, line.last, record.reason))
        if record.outcome is not None:
            self.state = "closed" if record.outcome == "clean" else record.outcome
        elif record.repaired_bytes is None:
            self.state = "open"
        text, quoted = _note_on(line, record)
        if text:
            self.note(line.file, line.number, text, quoted)

    def _list_note(self, note: Note) -> None:
        if len(self.notes) < _LIST_MAX:
            self.notes.append(note)
        else:
            self.more_notes += 1

    def _list_gap(self, gap: Gap) -> None:
        if len(self.gaps) < _GAPS_MAX:
            self.gaps.append(gap)
        else:
            self.more_gaps += 1


class Alone(NamedTuple):
    """The report on a part that was checked by itself, all of whose lines go on where the one before ends.

    Its first line goes on behind the hash `prev`, with the number `first`; `last` is its last line.
    """

    prev: str
    first: int
    last: Line
    report: Report


def _note_on(line: Line, record: Record) -> tuple[str, str]:
    """What is worth knowing of a record, and the log's own words that end it; empty for nothing."""
    if record.lost:
        numbers = f"{line.first}" if record.lost == 1 else f"{line.first} to {line.last}"
        return f"gap: {numbers} lost: ", record.reason
    if record.repaired_bytes is not None:
        return f"repair: {record.repaired_bytes} bytes of an unfinished line were cut", ""
    if record.deleted_run is not None:
        return f"the log of run {record.deleted_run} was deleted: ", record.reason
    if record.continues is not None:
        return "goes on in a new part: ", record.continues
    if record.outcome == "vanished":
        return f"the GUI vanished; the last number known is {line.last if record.known is None else record.known}", ""
    return "", ""
