"""Bytes of an XLSX workbook to rows of text of equal length. Pure.

Every value becomes the text that a reader of the sheet would write for it; nothing is parsed further.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time

from gui.csv_rows import MAX_COLUMNS
from gui.table_error import TableError
from gui.telling import Tell, silent
from gui.xlsx_sheets import Sheet, opened_sheets

ZIP_MAGIC = b"PK\x03\x04"
# The container of the old .xls, and of an XLSX with a password.
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

# A workbook of 50 MB unpacks to about ten times that; far more is a mistake or an attack.
_MAX_UNPACKED = 500 * 1024 * 1024
# A workbook's cells, without the heading, are all held as Python's own texts: five million take about 0.5 GB.
MAX_CELLS = 5_000_000

_STORE_RESULTS = "Open the workbook in Excel or LibreOffice, save it there, and upload it again: that stores them."
# ST_Xstring of ECMA-376: a character by its number, but for the surrogates and the controls that no table has.
_ESCAPED = re.compile("_x(?!000[0-8e-f]|001|d[89a-f])([0-9a-f]{4})_", re.IGNORECASE)


def refuse_ole(data: bytes) -> None:
    """Raise TableError for the two kinds of Excel file that only Excel can open."""
    if not data.startswith(OLE_MAGIC):
        return
    if "EncryptedPackage".encode("utf_16_le") in data:
        raise TableError("This workbook has a password. Remove the password in Excel and upload it again.")
    raise TableError("This is an old Excel file (.xls). Save it as .xlsx or as CSV and upload it again.")


def read_workbook(data: bytes, tell: Tell = silent) -> tuple[list[list[str]], list[str]]:
    """Rows of the first sheet that holds anything, the heading first, and notes for the user. Raises TableError.

    `tell` hears how much is read, from 0 to 1.
    """
    try:
        _check_archive(data)
        return _read(data, tell)
    except TableError:
        raise
    except Exception as error:
        # A damaged workbook breaks openpyxl in any of a dozen ways: zip, XML, keys, types, memory of offsets.
        raise TableError(
            "This workbook cannot be read: it is damaged, or not an XLSX file. Open it in Excel or LibreOffice, save "
            "it as .xlsx or CSV, and upload that."
        ) from error


def _check_archive(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if not any(name.startswith("xl/") for name in archive.namelist()):
            raise TableError(_other_archive(archive))
        if sum(entry.file_size for entry in archive.infolist()) > _MAX_UNPACKED:
            raise TableError("This workbook unpacks to more than 500 MB. Split it into smaller files.")


def _other_archive(archive: zipfile.ZipFile) -> str:
    """What is wrong with a zip that holds no workbook."""
    names = set(archive.namelist())
    if "mimetype" in names:
        return "This is an OpenDocument file. Open it in LibreOffice, save it as .xlsx or CSV, and upload that."
    if any(name.startswith("word/") for name in names):
        return "This is a Word document, not a table. Copy its table into Excel, save it as .xlsx, and upload that."
    return "This is a zip archive, not a workbook. Unpack it and upload the CSV or XLSX files in it."


def _read(data: bytes, tell: Tell) -> tuple[list[list[str]], list[str]]:
    without_result = 0
    rows: list[list[str]] = []
    with opened_sheets(data, tell) as sheets:
        for sheet in sheets:
            rows = _square(_texts(sheet.rows()))
            without_result += sheet.without_result
            if rows:
                break
    if without_result and len(rows) <= 1:
        raise TableError(f"This workbook holds no table but {_formulas(without_result)}. {_STORE_RESULTS}")
    if not rows:
        return [], []
    return rows, [*_sheet_notes(sheet, len(sheets)), *_formula_notes(without_result)]


def _sheet_notes(sheet: Sheet, count: int) -> list[str]:
    if count == 1:
        return []
    return [f'The workbook has {count} sheets; "{sheet.title}" was read. Move another one to the front to read that.']


def _formula_notes(without_result: int) -> list[str]:
    if not without_result:
        return []
    cells = "1 cell is" if without_result == 1 else f"{without_result:,} cells are"
    return [f"{cells} empty here: {_formulas(without_result)}. {_STORE_RESULTS}"]


def _formulas(without_result: int) -> str:
    return "a formula without a stored result" if without_result == 1 else "formulas without stored results"


def _texts(rows: Iterable[Iterable[object]]) -> Iterator[list[str]]:
    cells = 0
    heading = True
    for row in rows:
        texts = [_text(value) for value in row]
        while texts and not texts[-1]:
            texts.pop()
        cells += 0 if heading else len(texts)
        if len(texts) > MAX_COLUMNS or cells > MAX_CELLS:
            raise TableError(
                f"The sheet has more than {MAX_COLUMNS:,} columns or {MAX_CELLS:,} cells. Split it into smaller files."
            )
        if texts:
            heading = False
            yield texts


def _square(rows: Iterable[list[str]]) -> list[list[str]]:
    found = list(rows)
    width = max(map(len, found), default=0)
    if width * (len(found) - 1) > MAX_CELLS:
        raise TableError(f"The sheet has more than {MAX_CELLS:,} cells. Split it into smaller files.")
    return [row + [""] * (width - len(row)) for row in found]


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return _ESCAPED.sub(_character, value) if "_x" in value else value
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
    return str(value)


def _character(escape: "re.Match[str]") -> str:
    return chr(int(escape[1], 16))
