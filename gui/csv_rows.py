"""Text of a CSV to a heading and rows as long as it, and the delimiter that was found. Pure.

Nothing is repaired in silence: a row that does not fit the heading is refused with its line.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from gui.columns import Columns
from gui.table_error import TableError
from gui.telling import Tell, silent

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}

# A frame of fifty million short texts takes about 1 GB, and the analysis some 30 s.
MAX_CELLS = 50_000_000
MAX_COLUMNS = 1_000

_SAMPLE_CHARACTERS = 64 * 1024
_SAMPLE_ROWS = 200
_TELL_ROWS = 50_000
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)?")
# Excel's own way to name the delimiter.
_SEP_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


class Rows(NamedTuple):
    """What a CSV holds: `heading` is empty for no row at all; `blank` lines were left out."""

    heading: list[str]
    body: Columns
    delimiter: str
    blank: int


def read_rows(text: str, tell: Tell = silent) -> Rows:
    """Cut `text` into cells. Raises TableError. `tell` hears how much is done, from 0 to 1."""
    first_line = 1
    if match := _SEP_LINE.match(text):
        delimiter, text, first_line = match[1], text[match.end() :], 2
        _check_delimiter(delimiter)
    else:
        delimiter = find_delimiter(text)
    return _parse(text, delimiter, first_line, tell)


def find_delimiter(text: str) -> str:
    """The delimiter that cuts the first rows most evenly, into the most columns; a comma if none cuts them at all."""
    sample = text[:_SAMPLE_CHARACTERS]
    if len(sample) < len(text):
        sample = sample[: sample.rfind("\n") + 1] or sample
    return max(DELIMITERS, key=lambda delimiter: _evenness(sample, delimiter))


def _evenness(sample: str, delimiter: str) -> tuple[float, int]:
    widths: Counter[int] = Counter()
    try:
        for row, _ in zip(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter), range(_SAMPLE_ROWS)):  # noqa: B905 the shorter one ends it
            widths[len(row)] += bool(row)
    except csv.Error:
        return 0.0, 0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
    return (count / widths.total(), width) if width > 1 else (0.0, 0)


def _check_delimiter(delimiter: str) -> None:
    if delimiter in ' "\r\n':
        raise TableError("The first line names a delimiter that cannot be one. Remove that line and upload it again.")


def _parse(text: str, delimiter: str, first_line: int, tell: Tell) -> Rows:
    heading: list[str] = []
    body = Columns()
    misfits = _Misfits()
    blank = cells = 0
    for line, row in _numbered(text, delimiter, first_line, tell):
        if not row:
            blank += 1
            continue
        cells += len(row)
        _check_size(cells, len(row))
        if not heading:
            heading = row
        elif len(row) == len(heading):
            body.add(row)
        else:
            misfits.note(line, len(row))
    misfits.refuse(len(heading))
    return Rows(heading, body, delimiter, blank)


def _numbered(text: str, delimiter: str, first_line: int, tell: Tell) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line on which it begins."""
    read = 0

    def lines() -> Iterator[str]:
        nonlocal read
        # A StringIO would take four bytes for each character.
        for found in _LINE.finditer(text):
            read = found.end()
            if found[0]:
                yield found[0]

    reader = csv.reader(lines(), delimiter=delimiter, strict=True)
    line = first_line
    try:
        for number, row in enumerate(reader):
            if number % _TELL_ROWS == 0:
                tell(read / len(text))
            yield line, row
            line = first_line + reader.line_num
    except csv.Error as error:
        raise TableError(_quoting_trouble(line, str(error))) from error


def _quoting_trouble(line: int, error: str) -> str:
    if "field larger" in error:
        trouble = f"holds a value of over {csv.field_size_limit():,} characters, usually a double quote never closed"
    elif "unexpected end" in error:
        trouble = "opens a double quote that is never closed"
    else:
        trouble = "has a double quote inside a quoted value"
    return (
        f"The row that begins on line {line:,} {trouble}. Close the quote, or write a quote inside a value twice "
        '(""), and upload the file again.'
    )


def _check_size(cells: int, columns: int) -> None:
    if columns > MAX_COLUMNS:
        raise TableError(f"The table has more than {MAX_COLUMNS:,} columns. Remove some and upload it again.")
    if cells > MAX_CELLS:
        raise TableError(f"The table has more than {MAX_CELLS:,} cells. Split it into smaller files.")


class _Misfits:
    """Rows that are not as long as the heading; the first of them is told, and how many there are."""

    def __init__(self) -> None:
        self._line = self._width = self._count = 0

    def note(self, line: int, width: int) -> None:
        if not self._count:
            self._line, self._width = line, width
        self._count += 1

    def refuse(self, expected: int) -> None:
        if not self._count:
            return
        others = f", and so have {self._count - 1:,} more rows a wrong number" if self._count > 1 else ""
        raise TableError(
            f"Line {self._line:,} has {_columns(self._width)} where the heading has {expected:,}{others}. A delimiter "
            "inside a value needs double quotes around the value; a missing one must be added. Then upload the file again."
        )


def _columns(count: int) -> str:
    return f"{count:,} column" if count == 1 else f"{count:,} columns"
