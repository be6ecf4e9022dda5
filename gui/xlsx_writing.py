"""A table to the bytes of an XLSX workbook. Pure.

Every cell is written as text: nothing that begins with = is ever a formula, and 007 stays 007.

Written here and not by openpyxl or XlsxWriter: of a million rows of five columns those make 70 and 32 s of Python, and
keep them in a file of the disk meanwhile. This takes Arrow 8 s, in memory.
"""

import io
import re
import zipfile
from collections.abc import Sequence

import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

from gui.table_error import TableError
from gui.telling import Tell, silent
from gui.texts import Texts, matching, picked, replaced, texts_of

# What Excel opens.
MAX_ROWS, MAX_COLUMNS, MAX_CELL = 1_048_576, 16_384, 32_767
# Some 20 s; and with their 71 bytes of XML each they stay below the 2 GiB from which on a zip is of another kind.
MAX_CELLS = 15_000_000

# Some 0.05 s of work.
_PIECE_CELLS = 50_000
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# ECMA-376, part 1: the least that a workbook is.
_PARTS = {
    "[Content_Types].xml": (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SHEET_TYPE}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="Table" sheetId="1" r:id="rId1"/>'
        "</sheets></workbook>"
    ),
    "xl/_rels/workbook.xml.rels": (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}
_SHEET = "xl/worksheets/sheet1.xml"
# What XML cannot hold, or would change (a carriage return), or what reads like the escape for it: ST_Xstring of ECMA-376.
_ODD = "[\\x00-\\x08\\x0b-\\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_"
_ODD_CHARACTER = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def to_xlsx(frame: pd.DataFrame, tell: Tell = silent) -> bytes:
    """Write `frame`, which holds text only, with its heading. Raises TableError for more than `check_size` allows.

    A text longer than a cell holds is cut. `tell` hears how much is done, from 0 to 1.
    """
    check_size(frame)
    letters = [get_column_letter(number) for number in range(1, len(frame.columns) + 1)]
    heading = pd.DataFrame([list(map(str, frame.columns))], columns=frame.columns, dtype="str")
    rows = max(1, _PIECE_CELLS // len(letters))
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _PARTS.items():
            archive.writestr(name, text)
        with archive.open(_SHEET, "w") as sheet:
            sheet.write(f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            sheet.write(_rows(heading, letters, 1))
            for start in range(0, len(frame), rows):
                tell(start / len(frame))
                sheet.write(_rows(frame.iloc[start : start + rows], letters, start + 2))
            sheet.write(b"</sheetData></worksheet>")
    return data.getvalue()


def check_size(frame: pd.DataFrame) -> None:
    """Raise TableError when `frame` is larger than a sheet, or would take too long."""
    rows, columns = frame.shape
    if rows >= MAX_ROWS or columns > MAX_COLUMNS:
        raise TableError(
            f"XLSX holds {MAX_ROWS - 1:,} rows and {MAX_COLUMNS:,} columns; this table has {rows:,} rows and "
            f"{columns:,} columns. Download it as CSV."
        )
    if rows * columns > MAX_CELLS:
        raise TableError(
            f"XLSX is written of up to {MAX_CELLS:,} cells; this table has {rows * columns:,}. Download it as CSV."
        )


def _rows(piece: pd.DataFrame, letters: Sequence[str], first: int) -> bytes:
    """The XML of these rows, which the sheet counts from `first`."""
    numbers = pc.cast(pa.array(range(first, first + len(piece))), pa.large_string())
    cells = [
        _cells(texts_of(piece[name]), letter, numbers) for name, letter in zip(piece.columns, letters, strict=True)
    ]
    rows = _joined('<row r="', numbers, '">', *cells, "</row>")
    return "".join(rows.to_pylist()).encode()


def _cells(texts: Texts, letter: str, numbers: Texts) -> Texts:
    written = _joined(
        f'<c r="{letter}', numbers, '" t="inlineStr"><is><t xml:space="preserve">', _escaped(texts), "</t></is></c>"
    )
    return pc.if_else(pc.equal(texts, ""), pa.scalar("", pa.large_string()), written)


def _joined(*parts: Texts | str) -> Texts:
    """Row by row, the parts one after the other; a Python text is the same in each row."""
    of_arrow = [pa.scalar(each, pa.large_string()) if isinstance(each, str) else each for each in (*parts, "")]
    return pc.binary_join_element_wise(*of_arrow)


def _escaped(texts: Texts) -> Texts:
    cut = pc.utf8_slice_codeunits(texts, 0, MAX_CELL)
    odd = matching(cut, _ODD)
    if odd.any():
        cut = replaced(cut, odd, (_ODD_CHARACTER.sub(_escape, text) for text in picked(cut, odd)))
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        cut = pc.replace_substring(cut, character, entity)
    return cut


def _escape(found: "re.Match[str]") -> str:
    return f"_x{ord(found[0]):04X}_"
