"""A reader of a directory of logs, in this process, whose slices of time are counted in looks at the clock."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

from shared.questions import Back, Forth, NotNow, Place, Row, Stretch, Wanted
from sidecar.reader import stretch
from sidecar.reader.layout import Layouts
from sidecar.reader.part_bytes import Opener
from sidecar.reader.stretch import Stretches
from tests.verify.logs import RUN


class Reading:
    def __init__(self, directory: Path, looks: float = float("inf")) -> None:
        """A slice ends at the clock's look number `looks`."""
        ticks = count()
        opener = Opener()
        self.stretches = Stretches(Layouts(directory, opener), opener, lambda: next(ticks) * stretch.SLICE_S / looks)

    def back(
        self, wanted: Wanted | None = None, before: Place | None = None, rows: int = 200, *, tally: bool = True
    ) -> Stretch:
        return found(self.stretches.back(Back(RUN, wanted or Wanted(), before, rows, tally)))

    def forth(self, behind: Place, wanted: Wanted | None = None, rows: int = 200) -> Stretch:
        return found(self.stretches.forth(Forth(RUN, wanted or Wanted(), behind, rows)))

    def all_back(self, wanted: Wanted | None = None, rows: int = 200, *, tally: bool = True) -> Iterator[Stretch]:
        """One answer after the other, to the beginning."""
        answer = self.back(wanted, None, rows, tally=tally)
        yield answer
        while not answer.complete:
            before = answer.low if tally else answer.rows[-1].place
            answer = self.back(wanted, before, rows, tally=tally)
            yield answer


def found(answer: Stretch | NotNow) -> Stretch:
    assert isinstance(answer, Stretch), answer
    return answer


def numbers(rows: list[Row]) -> list[int]:
    return [row.number for row in rows if row.number]
