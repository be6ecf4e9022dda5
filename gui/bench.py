"""The tables of one session, what was made of each, and what is still to be done. Pure.

Values are frozen and replaced as a whole, never changed: what is stopped half-way has changed nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from gui.analysis import Analysis
from gui.cleaning import Change, Cleaned, Options
from gui.deduplication import Groups, Matching
from gui.table import Table


@dataclass(frozen=True)
class Work:
    """A loaded table and what was found in it."""

    table: Table
    analysis: Analysis


@dataclass(frozen=True)
class Result:
    """A cleaned table, its first changes, and what its download is named, without an extension.

    `formulas` is how many of its cells a spreadsheet program would take for formulas.
    """

    cleaned: Cleaned
    changes: list[Change]
    stem: str
    formulas: int


@dataclass(frozen=True)
class Duplicates:
    """The rows of a table that are the same, and what makes them so.

    `chosen` is, by group, the row that stays where somebody chose it; None stands for all of them. `search` is another
    number each time that somebody looks.
    """

    matching: Matching
    groups: Groups
    search: int
    chosen: Mapping[int, int | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Deduplicated:
    """A table without `removed` of its rows, and what its download is named, without an extension.

    `formulas` is how many of its cells a spreadsheet program would take for formulas.
    """

    frame: pd.DataFrame
    removed: int
    stem: str
    formulas: int


@dataclass(frozen=True)
class Desk:
    """A table and what was made of it so far; `cleaning` and `comparing` are wanted, and not done yet."""

    work: Work
    result: Result | None = None
    duplicates: Duplicates | None = None
    deduplicated: Deduplicated | None = None
    cleaning: Options | None = None
    comparing: Matching | None = None


@dataclass(frozen=True)
class Incoming:
    """A file to be loaded. `source` is "file" or "sample", `place` says which one of several it is."""

    name: str
    data: bytes = field(repr=False)
    source: str
    place: str = ""


@dataclass(frozen=True)
class Bench:
    """All of it: the desks by their numbers, the first loaded first, and the number of the one at work.

    `last` is the highest number that was given, `removed` what was removed last and can be put back.
    """

    desks: Mapping[int, Desk] = field(default_factory=dict)
    current: int | None = None
    last: int = 0
    incoming: tuple[Incoming, ...] = ()
    removed: tuple[int, Desk] | None = None

    @property
    def desk(self) -> Desk | None:
        """The table at work, if there is one."""
        return None if self.current is None else self.desks[self.current]

    def expecting(self, *files: Incoming) -> "Bench":
        """With these files to be loaded, too; what was removed is let go of, and room is made for them."""
        return replace(self, incoming=(*self.incoming, *files), removed=None)

    def loaded(self, file: Incoming, work: Work | None) -> "Bench":
        """With `file` read; `work`, if anything came of it, is at work now."""
        left = replace(self, incoming=tuple(each for each in self.incoming if each is not file))
        if work is None:
            return left
        number = self.last + 1
        return replace(left, desks={**self.desks, number: Desk(work)}, current=number, last=number)

    def choosing(self, number: int) -> "Bench":
        """With another one of the tables at work."""
        return replace(self, current=number) if number in self.desks else self

    def removing(self) -> "Bench":
        """Without the table at work; the last of the others is at work then."""
        if self.current is None or self.desk is None:
            return self
        left = {number: desk for number, desk in self.desks.items() if number != self.current}
        return replace(self, desks=left, current=next(reversed(left), None), removed=(self.current, self.desk))

    def putting_back(self) -> "Bench":
        """With what was removed last, in its old place and at work."""
        if self.removed is None:
            return self
        number, desk = self.removed
        return replace(self, desks=dict(sorted([*self.desks.items(), (number, desk)])), current=number, removed=None)

    def making(self, number: int, **made: object) -> "Bench":
        """With this made of the table of that `number`, if it is still there."""
        if number not in self.desks:
            return self
        return replace(self, desks={**self.desks, number: replace(self.desks[number], **made)})  # type: ignore[arg-type]

    def finding(self, number: int, matching: Matching, groups: Groups) -> "Bench":
        """With these duplicates found; what was removed before is forgotten."""
        found = Duplicates(matching, groups, self.last + 1)
        made = self.making(number, duplicates=found, deduplicated=None, comparing=None)
        return replace(made, last=self.last + 1)
