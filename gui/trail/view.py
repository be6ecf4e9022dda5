"""What is known of a run's log under one choice of filters, put together from answers. Pure.

It is one stretch of the log that grows at both ends: upwards as lines are written, downwards until all was counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from shared.questions import MAX_ROWS, WIDTHS, Gap, Place, Row, Stretch, Tally

# Rows of the table at first, and so many more each time that they are asked for.
ROWS = 100
# Of a picture, in memory and at most.
_MOST_CELLS = 4000
_MOST_GAPS = 200

Cells = dict[tuple[int, str], tuple[int, int, int]]


@dataclass
class View:
    """`rows` come newest first, `most` is how many are kept. `cells` count lines, warnings and errors of `width` seconds each.

    `complete`: all that is asked for was looked at; otherwise it was as far as `reached`. `more`: there are rows, or may be,
    behind the last one of `rows`.
    """

    rows: list[Row] = field(default_factory=list)
    most: int = ROWS
    low: Place | None = None
    high: Place | None = None
    complete: bool = False
    more: bool = True
    reached: str = ""
    width: int = WIDTHS[0]
    cells: Cells = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    lost: int = 0
    unread: int = 0
    new: int = 0
    _is_full: bool = False

    @property
    def wanted_rows(self) -> int:
        """How many rows the next answer from below should bring."""
        return 0 if self._is_full else min(self.most - len(self.rows), MAX_ROWS)

    @property
    def oldest(self) -> Place | None:
        """Where to go on for older rows."""
        return self.rows[-1].place if self.rows else self.low

    @property
    def lines(self) -> int:
        """How many lines were counted."""
        return sum(lines for lines, _, _ in self.cells.values())

    @property
    def warnings(self) -> int:
        """How many of them are warnings."""
        return sum(warnings for _, warnings, _ in self.cells.values())

    @property
    def errors(self) -> int:
        """How many of them are errors."""
        return sum(errors for _, _, errors in self.cells.values())

    def take_below(self, found: Stretch) -> None:
        """Take in what stands before all that is known."""
        self.rows += found.rows
        self.low = found.low
        self.high = self.high or found.high
        self.complete = found.complete
        self.reached = found.reached or self.reached
        self._is_full = self._is_full or found.skipped or len(self.rows) >= self.most
        self.more = self._is_full and (found.skipped or self.more) if found.complete else True
        self._add(found)

    def take_above(self, found: Stretch) -> None:
        """Take in what was written since."""
        self.high = found.high
        self.new += len(found.rows)
        # Of more rows than there is room for, the newest stand alone: with the ones before them there would be a hole.
        rows = found.rows if found.skipped else [*found.rows, *self.rows]
        if found.skipped or len(rows) > self.most:
            self.more = self._is_full = True
        self.rows = rows[: self.most]
        self._add(found)

    def take_older(self, found: Stretch) -> None:
        """Take in further rows behind the last one; they were counted, or will be."""
        self.rows += found.rows
        self.most = max(self.most, len(self.rows))
        self.more = not found.complete
        self._is_full = True

    def _add(self, found: Stretch) -> None:
        self.gaps = sorted([*self.gaps, *found.gaps], key=lambda gap: gap.ts, reverse=True)[:_MOST_GAPS]
        self.lost += found.lost
        self.unread += found.unread
        if found.tallies:
            self._widen(max(self.width, found.width))
            self.cells = summed([*_tallies(self.cells), *found.tallies], self.width)
        while len(self.cells) > _MOST_CELLS and self.width < WIDTHS[-1]:
            self._widen(WIDTHS[WIDTHS.index(self.width) + 1])

    def _widen(self, width: int) -> None:
        if width != self.width:
            self.width = width
            self.cells = summed(_tallies(self.cells), width)


def summed(tallies: Iterable[Tally], width: int) -> Cells:
    """The tallies by spans of `width` seconds and category."""
    cells: Cells = {}
    for each in tallies:
        key = (each.start // width * width, each.category)
        lines, warnings, errors = cells.get(key, (0, 0, 0))
        cells[key] = (lines + each.lines, warnings + each.warnings, errors + each.errors)
    return cells


def _tallies(cells: Cells) -> list[Tally]:
    return [Tally(start, category, *numbers) for (start, category), numbers in cells.items()]
