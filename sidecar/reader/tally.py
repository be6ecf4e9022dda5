"""Counts lines by time and category, in no more cells than an answer has room for. Pure.

- Seconds become minutes, hours, days as the time that is counted grows.
- Where there are more categories than a picture has colours, the rarest become one.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from shared.questions import MAX_TALLIES, MAX_TALLIES_BYTES, WIDTHS, Tally, encode
from sidecar.query.lines import Line

_MOST_CELLS = 20 * MAX_TALLIES
_MOST_CATEGORIES = 12
OTHERS = "others"
# Of a category. Nobody's own is longer.
_LONGEST_NAME = 60
_ERROR, _WARNING = "error", "warning"
_EPOCH_LENGTH = len("2026-11-23T15:30:00")


class Tallies:
    """What was counted so far."""

    def __init__(self) -> None:
        self._width = 0
        self._cells: dict[tuple[int, str], list[int]] = {}
        # Of many lines in a second the text is read once.
        self._second: tuple[str | None, int] = (None, 0)

    @property
    def width(self) -> int:
        """Seconds that a cell stands for."""
        return WIDTHS[self._width]

    def count(self, line: Line) -> None:
        """Count a line."""
        start = self._start(line.ts)
        if start is None:
            return
        cell = self._cells.setdefault((start, line.category[:_LONGEST_NAME]), [0, 0, 0])
        cell[0] += 1
        cell[1] += line.level == _WARNING
        cell[2] += line.level == _ERROR
        if len(self._cells) > _MOST_CELLS:
            self._shrink(_MOST_CELLS // 2)

    def finish(self) -> list[Tally]:
        """The cells, at most MAX_TALLIES, in the order of time."""
        most = MAX_TALLIES
        while True:
            self._shrink(most)
            found = [Tally(start, category, *numbers) for (start, category), numbers in sorted(self._cells.items())]
            if len(encode(found)) <= MAX_TALLIES_BYTES:
                return found
            most //= 2

    def _start(self, ts: str) -> int | None:
        text = ts[:_EPOCH_LENGTH]
        if text != self._second[0]:
            try:
                self._second = text, int(datetime.fromisoformat(f"{text}+00:00").timestamp())
            except (ValueError, OverflowError):
                # Not by a sidecar; it has no place in time.
                return None
        return self._second[1] // self.width * self.width

    def _shrink(self, most: int) -> None:
        while len(self._cells) > most and self._width < len(WIDTHS) - 1:
            self._width += 1
            self._merge(lambda start, category: (start // self.width * self.width, category))
        if len(self._cells) > most:
            sums: Counter[str] = Counter()
            for (_, category), numbers in self._cells.items():
                sums[category] += numbers[0]
            kept = {category for category, _ in sums.most_common(_MOST_CATEGORIES)}
            self._merge(lambda start, category: (start, category if category in kept else OTHERS))
        if len(self._cells) > most:
            # Centuries of weeks: only a log that somebody made up; its newest weeks are shown.
            self._cells = dict(sorted(self._cells.items())[-most:])

    def _merge(self, key: Callable[[int, str], tuple[int, str]]) -> None:
        merged: dict[tuple[int, str], list[int]] = {}
        for (start, category), numbers in self._cells.items():
            cell = merged.setdefault(key(start, category), [0, 0, 0])
            for index, number in enumerate(numbers):
                cell[index] += number
        self._cells = merged
