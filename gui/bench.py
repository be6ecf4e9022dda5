"""The tables of one session, what was made of each, and what is still to be done. Pure.

Values are frozen and replaced as a whole, never changed: what is stopped half-way has changed nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from gui.analysis import Analysis
from gui.cleaning import Change, Cleaned, Options
from gui.deduplication import Groups, Matching
from gui.product import Format, Product
from gui.table import Table

# What was made of a table, by the name that its desk has for it.
Made = Literal["result", "deduplicated"]


@dataclass(frozen=True)
class Work:
    """A loaded table and what was found in it."""

    table: Table
    analysis: Analysis


@dataclass(frozen=True)
class Result:
    """A cleaned table and its first changes."""

    cleaned: Cleaned
    changes: list[Change]
    product: Product


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
    """A table without `removed` of its rows."""

    removed: int
    product: Product


@dataclass(frozen=True)
class Desk:
    """A table and what was made of it so far; `cleaning`, `comparing`, `removing` and `writing` are wanted, and not done yet."""

    work: Work
    result: Result | None = None
    duplicates: Duplicates | None = None
    deduplicated: Deduplicated | None = None
    cleaning: Options | None = None
    comparing: Matching | None = None
    removing: Duplicates | None = None
    writing: tuple[tuple[Made, Format], ...] = ()

    def product(self, made: Made) -> Product | None:
        """What can be taken home of that."""
        found = self.result if made == "result" else self.deduplicated
        return None if found is None else found.product


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
        """With `file` read, if it is still wanted; `work`, if anything came of it, is at work now."""
        left = tuple(each for each in self.incoming if each is not file)
        if len(left) == len(self.incoming):
            return self
        if work is None:
            return replace(self, incoming=left)
        number = self.last + 1
        return replace(self, incoming=left, desks={**self.desks, number: Desk(work)}, current=number, last=number)

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
        """With this made of the table of that `number`, if it is still there; no file is wanted of what was there before."""
        if number not in self.desks:
            return self
        desk = replace(self.desks[number], **made)  # type: ignore[arg-type]
        wanted = tuple(each for each in desk.writing if each[0] not in made)
        return replace(self, desks={**self.desks, number: replace(desk, writing=wanted)})

    def done(self, number: int, wanted: Options | Matching | Duplicates, **made: object) -> "Bench":
        """With what came of what was wanted; the same as before if that is not wanted any more."""
        desk = self.desks.get(number)
        for name in ("cleaning", "comparing", "removing"):
            if desk is not None and getattr(desk, name) is wanted:
                return self.making(number, **made, **{name: None})
        return self

    def finding(self, number: int, matching: Matching, groups: Groups) -> "Bench":
        """With these duplicates found, if they are still wanted; what was removed before is forgotten."""
        found = Duplicates(matching, groups, self.last + 1)
        made = self.done(number, matching, duplicates=found, deduplicated=None, removing=None)
        return self if made is self else replace(made, last=self.last + 1)

    def wanting(self, number: int, made: Made, wanted: Format) -> "Bench":
        """With that file to be written; what is wanted already comes first."""
        desk = self.desks[number]
        return self.making(number, writing=(*(each for each in desk.writing if each != (made, wanted)), (made, wanted)))

    def not_wanting(self, number: int, made: Made, wanted: Format) -> "Bench":
        """Without that file being wanted."""
        if number not in self.desks:
            return self
        left = tuple(each for each in self.desks[number].writing if each != (made, wanted))
        return self.making(number, writing=left)

    def written(self, number: int, made: Made, product: Product, wanted: Format) -> "Bench":
        """With `product`, of which that file is written now; the same as before if that is not wanted any more."""
        desk = self.desks.get(number)
        found: Result | Deduplicated | None = None if desk is None else getattr(desk, made)
        if desk is None or found is None or (made, wanted) not in desk.writing:
            return self
        still = tuple(each for each in desk.writing if each != (made, wanted))
        return self.making(number, **{made: replace(found, product=product)}).making(number, writing=still)
