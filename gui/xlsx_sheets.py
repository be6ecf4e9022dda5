"""The sheets of an XLSX workbook, row by row: values, and of formulas their stored results. Pure.

A program that only writes workbooks stores no results. Such cells hold nothing, so they are counted.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

from openpyxl import load_workbook  # type: ignore[import-untyped]

from gui.telling import Tell
from gui.told_bytes import ToldBytes

_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
# Longer than what the pattern finds.
_OVERLAP = 64
_CHUNK = 1024 * 1024


class Sheet:
    """One sheet; `without_result` counts the formulas that hold nothing, in the rows that were read so far."""

    # openpyxl has no types.
    def __init__(self, values: Any, formulas: Any | None) -> None:  # noqa: ANN401
        self.title = str(values.title)
        self.without_result = 0
        self._values = values
        self._formulas = formulas
        for each in filter(None, (values, formulas)):
            # The stored dimensions are often wrong; without them the rows are read as they come.
            each.reset_dimensions()

    def rows(self) -> Iterator[Sequence[object]]:
        """The values of each row; None is an empty cell."""
        if self._formulas is None:
            yield from self._values.iter_rows(values_only=True)
            return
        for cells, formulas in zip(self._values.iter_rows(), self._formulas.iter_rows(), strict=True):
            self.without_result += sum(map(_has_no_result, cells, formulas))
            yield [cell.value for cell in cells]


@contextmanager
def opened_sheets(data: bytes, tell: Tell) -> Iterator[list[Sheet]]:
    """All sheets of a workbook. `tell` hears how much of the file is read, from 0 to 1."""
    with closing(load_workbook(ToldBytes(data, tell), read_only=True, data_only=True)) as workbook:
        if not _has_formulas(data):
            yield [Sheet(sheet, None) for sheet in workbook.worksheets]
            return
        # openpyxl reads either the results or the formulas.
        with closing(load_workbook(io.BytesIO(data), read_only=True)) as formulas:
            yield [Sheet(*both) for both in zip(workbook.worksheets, formulas.worksheets, strict=True)]


def _has_formulas(data: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [name for name in archive.namelist() if name.lower().startswith("xl/worksheets/")]
        return any(_holds(archive, name, _FORMULA) for name in names)


def _holds(archive: zipfile.ZipFile, name: str, pattern: "re.Pattern[bytes]") -> bool:
    end = b""
    with archive.open(name) as entry:
        while chunk := entry.read(_CHUNK):
            if pattern.search(end + chunk):
                return True
            end = chunk[-_OVERLAP:]
    return False


def _has_no_result(cell: Any, formula: Any) -> bool:  # noqa: ANN401
    # A "str" is a result that is the empty text.
    return formula.data_type == "f" and cell.value is None and cell.data_type != "str"
