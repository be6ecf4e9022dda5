"""Bytes of a CSV or XLSX file to a table, and back to a CSV. Pure.

- What a file is, its content says, not its name.
- Everything is read as text, so that nothing is changed in silence: no 007 becomes 7, no "NA" a missing value.
- Nothing but TableError comes out, whatever the bytes.
"""

import io
from dataclasses import dataclass

import pandas as pd

from gui.columns import Columns
from gui.csv_rows import DELIMITERS, read_rows
from gui.decoding import decode
from gui.table_error import TableError
from gui.telling import Tell, silent
from gui.xlsx_rows import ZIP_MAGIC, read_workbook, refuse_ole

__all__ = ["Table", "TableError", "load_table", "to_csv"]

# Some 0.05 s of writing.
_PIECE_CELLS = 100_000


@dataclass(frozen=True)
class Table:
    """A table as it was read: `frame` holds text only, "" where a cell is empty.

    `kind` is "CSV" or "XLSX"; `encoding` and `delimiter` are words for people, empty for a workbook. `notes` say what
    a user should know about the reading.
    """

    name: str
    size: int
    frame: pd.DataFrame
    kind: str
    encoding: str
    delimiter: str
    notes: tuple[str, ...]


def load_table(data: bytes, name: str, tell: Tell = silent) -> Table:
    """Read a CSV or XLSX file. Raises TableError with a message for the user.

    `tell` hears how much of it is read, from 0 to 1.
    """
    if not data.strip():
        raise TableError("The file is empty. Upload a CSV or XLSX file with a heading and at least one row.")
    refuse_ole(data)
    if data.startswith(ZIP_MAGIC):
        rows, sheet_notes = read_workbook(data, tell)
        body = Columns()
        for row in rows[1:]:
            body.add(row)
        frame, notes = _frame(rows[0] if rows else [], body)
        return Table(name, len(data), frame, "XLSX", "", "", (*sheet_notes, *notes))
    text, encoding = decode(data)
    heading, body, delimiter, blank = read_rows(text, tell)
    frame, notes = _frame(heading, body)
    notes = [*_reading_notes(encoding, blank), *notes]
    return Table(name, len(data), frame, "CSV", encoding, DELIMITERS.get(delimiter, delimiter), tuple(notes))


def to_csv(frame: pd.DataFrame, tell: Tell = silent) -> bytes:
    """UTF-8 CSV with commas and CRLF line ends (RFC 4180). `tell` hears how much is written, from 0 to 1."""
    data = io.BytesIO()
    rows = max(1, _PIECE_CELLS // max(1, len(frame.columns)))
    for start in range(0, max(1, len(frame)), rows):
        tell(start / max(1, len(frame)))
        piece = frame.iloc[start : start + rows]
        data.write(piece.to_csv(index=False, header=start == 0, lineterminator="\r\n").encode())
    return data.getvalue()


def _reading_notes(encoding: str, blank: int) -> list[str]:
    notes = []
    if not encoding.startswith("UTF"):
        notes.append(f'Read as {encoding}, a guess. If letters look wrong, save the file as "CSV UTF-8" and try again.')
    if blank:
        notes.append(f"{blank:,} blank {'line was' if blank == 1 else 'lines were'} left out.")
    return notes


def _frame(heading: list[str], body: Columns) -> tuple[pd.DataFrame, list[str]]:
    if not heading:
        raise TableError("The file holds no table. Upload a CSV or XLSX file with a heading and at least one row.")
    if not len(body):
        raise TableError("The file has a heading but no rows. Add at least one row and upload it again.")
    names, notes = _headings(heading)
    return body.frame(names), notes


def _headings(cells: list[str]) -> tuple[list[str], list[str]]:
    """Names without a blank or a double among them, and notes on what had to be named anew."""
    names: list[str] = []
    seen: set[str] = set()
    blanks = doubles = 0
    for position, cell in enumerate(cells, start=1):
        blanks += not cell.strip()
        wanted = name = cell if cell.strip() else f"Column {position}"
        number = 1
        while name in seen:
            number += 1
            name = f"{wanted} ({number})"
        doubles += number > 1
        seen.add(name)
        names.append(name)
    notes = []
    if blanks:
        notes.append(f"{blanks:,} {'heading was' if blanks == 1 else 'headings were'} blank and got a number.")
    if doubles:
        notes.append(f"{doubles:,} {'heading was' if doubles == 1 else 'headings were'} there twice and got a number.")
    return names, notes
