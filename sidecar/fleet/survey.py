"""Which lines of which runs the stream holds, and where. One pass over it, in its order. Pure.

- Of a run is kept where its lines lie, not the lines: as stretches of one line behind the other. So memory grows with
  runs and with disorder, never with lines; and disorder beyond what an honest forwarder makes is counted, not kept.
- Of a line that is there more than once the first counts: nobody can put anything before what the server has.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

from sidecar.fleet.message import Attestation, Message, attestation, opening_host
from sidecar.fleet.subjects import Place, host_and_run, place_of

# A forwarder that is killed at every hundredth line makes a stretch each time.
MAX_STRETCHES = 10_000
# Second copies are hashed beside the first ones, all at once.
MAX_COPIES = 1_000
_LIST_MAX = 20


class Stretch(NamedTuple):
    """Lines `first` and following, `lines` of them, of a part, as messages `sequence` to `last_sequence` of the subject."""

    first: Place
    lines: int
    sequence: int
    last_sequence: int
    digest: str = ""

    @property
    def last(self) -> Place:
        """The last of its lines."""
        return Place(self.first.part, self.first.line + self.lines - 1)


class Stranger(NamedTuple):
    """A message under a run's subject that is none of its lines."""

    sequence: int
    id: str


class _Covered:
    """Which lines of a part were there already, as ranges in their order."""

    def __init__(self) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []

    def add(self, line: int) -> bool:
        """Take a line in. Returns whether it was new."""
        # Nearly always it is the next one.
        if self._lasts and line == self._lasts[-1] + 1:
            self._lasts[-1] = line
            return True
        at = bisect_left(self._lasts, line)
        if at < len(self._firsts) and self._firsts[at] <= line:
            return False
        joins_before = at > 0 and self._lasts[at - 1] == line - 1
        joins_behind = at < len(self._firsts) and self._firsts[at] == line + 1
        if joins_before and joins_behind:
            self._lasts.pop(at - 1)
            self._firsts.pop(at)
        elif joins_before:
            self._lasts[at - 1] = line
        elif joins_behind:
            self._firsts[at] = line
        else:
            self._firsts.insert(at, line)
            self._lasts.insert(at, line)
        return True


@dataclass
class RunSurvey:
    """A run under one machine's name. `late` lines came behind one that stands behind them; `unkept` were not kept."""

    host: str
    run: str
    subject: str
    messages: int = 0
    last_stored: str = ""
    stretches: list[Stretch] = field(default_factory=list)
    copies: list[Stretch] = field(default_factory=list)
    strangers: list[Stranger] = field(default_factory=list)
    more_strangers: int = 0
    late: int = 0
    unkept: int = 0
    attested: Attestation | None = None
    attested_at: str = ""
    named: str = ""

    def __post_init__(self) -> None:
        self._covered: dict[int, _Covered] = {}
        self._furthest = Place(0, 0)
        # The stretch that is growing: is it of copies, where it began, its lines, and the hash over copies.
        self._is_copy = False
        self._first = Place(0, 0)
        self._count = 0
        self._sequences = (0, 0)
        self._digest = sha256()

    def take(self, message: Message) -> None:
        """Take the next message of the subject."""
        self.messages += 1
        self.last_stored = message.stored
        place = place_of(message.id, self.host, self.run)
        if place is None:
            self.end()
            if len(self.strangers) < _LIST_MAX:
                self.strangers.append(Stranger(message.sequence, message.id))
            else:
                self.more_strangers += 1
            return
        is_copy = not self._covered.setdefault(place.part, _Covered()).add(place.line)
        goes_on = place == Place(self._first.part, self._first.line + self._count)
        if not (self._count and goes_on and is_copy == self._is_copy):
            self.end()
            self._begin(place, message.sequence, is_copy=is_copy)
        self._count += 1
        self._sequences = (self._sequences[0], message.sequence)
        if is_copy:
            self._digest.update(message.body + b"\n")
            return
        self.late += place < self._furthest
        self._furthest = max(self._furthest, place)
        self._note(place, message)

    def end(self) -> None:
        """Keep the stretch that was growing: nothing follows it, or something else."""
        if not self._count:
            return
        kept, most = (self.copies, MAX_COPIES) if self._is_copy else (self.stretches, MAX_STRETCHES)
        digest = self._digest.hexdigest() if self._is_copy else ""
        if len(kept) < most:
            kept.append(Stretch(self._first, self._count, *self._sequences, digest))
        else:
            self.unkept += self._count
        self._count = 0

    def _begin(self, place: Place, sequence: int, *, is_copy: bool) -> None:
        self._first, self._is_copy, self._sequences = place, is_copy, (sequence, sequence)
        self._digest = sha256()

    def _note(self, place: Place, message: Message) -> None:
        if place.line == 1:
            self.named = self.named or opening_host(message.body)
        elif (found := attestation(message.body)) is not None:
            self.attested, self.attested_at = found, message.stored


class Survey:
    """Takes every message of the stream; `strays` are those whose subject is no run's, by their sequence."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self.runs: dict[str, RunSurvey] = {}
        self.strays: list[Message] = []
        self.more_strays = 0

    def take(self, message: Message) -> None:
        """Take the next message."""
        run = self.runs.get(message.subject)
        if run is None:
            parsed = host_and_run(message.subject, self._prefix)
            if parsed is None:
                self._stray(message)
                return
            run = self.runs[message.subject] = RunSurvey(*parsed, message.subject)
        run.take(message)

    def finish(self) -> list[RunSurvey]:
        """What was found, by machine and run."""
        for run in self.runs.values():
            run.end()
        return sorted(self.runs.values(), key=lambda each: (each.host, each.run))

    def _stray(self, message: Message) -> None:
        if len(self.strays) < _LIST_MAX:
            self.strays.append(message._replace(body=b""))
        else:
            self.more_strays += 1
