"""A table to the bytes of an XLSX workbook. Pure.

Every cell is written as text: nothing that begins with = is ever a formula, and 007 stays 007.
"""

import io

import pandas as pd
from openpyxl import Workbook  # type: ignore[import-untyped]
from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # type: ignore[import-untyped]

from gui.table_error import TableError

# What Excel opens.
MAX_ROWS, MAX_COLUMNS, MAX_CELL = 1_048_576, 16_384, 32_767


def to_xlsx(frame: pd.DataFrame) -> bytes:
    """Write `frame`, which holds text only, with its heading. Raises TableError for more than a sheet holds.

    Control characters, which XLSX does not know, become U+FFFD; a text longer than a cell holds is cut.
    """
    check_size(frame)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Table")
    for row in [tuple(map(str, frame.columns)), *frame.itertuples(index=False, name=None)]:
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("\ufffd", value[:MAX_CELL]))
            cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def check_size(frame: pd.DataFrame) -> None:
    """Raise TableError when `frame` is larger than a sheet."""
    if len(frame) >= MAX_ROWS or len(frame.columns) > MAX_COLUMNS:
        raise TableError(
            f"XLSX holds {MAX_ROWS - 1:,} rows and {MAX_COLUMNS:,} columns; this table has {len(frame):,} rows and "
            f"{len(frame.columns):,} columns. Download it as CSV."
        )
