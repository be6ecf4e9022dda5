"""A table to be taken home, and the files that were written of it. Pure.

What is small is written with it, so that one click downloads it. What is large is written when it is wanted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import sha256

import pandas as pd

from gui.formulas import count_formulas
from gui.table import to_csv
from gui.table_error import TableError
from gui.telling import Tell, silent
from gui.xlsx_writing import check_size, to_xlsx

# Both files of so many cells take some 0.2 s.
SMALL_CELLS = 200_000


class Format(StrEnum):
    """What a table is downloaded as."""

    CSV = "CSV"
    XLSX = "XLSX"


@dataclass(frozen=True)
class File:
    """A file's bytes and their SHA-256, in hex."""

    data: bytes = field(repr=False)
    sha256: str


@dataclass(frozen=True)
class Product:
    """`frame` holds text only; `stem` is what its files are named, without an extension.

    `formulas` is how many of its cells a spreadsheet program would take for formulas.
    """

    frame: pd.DataFrame
    stem: str
    formulas: int
    files: Mapping[Format, File] = field(default_factory=dict)

    @property
    def small(self) -> bool:
        """Whether its files are written in a moment."""
        return self.frame.size <= SMALL_CELLS

    def file_name(self, wanted: Format) -> str:
        """`customers-cleaned.csv`."""
        return f"{self.stem}.{wanted.lower()}"

    def refusal(self, wanted: Format) -> str:
        """Why there can be no such file, for the user; empty where there can be one."""
        try:
            if wanted is Format.XLSX:
                check_size(self.frame)
        except TableError as error:
            return str(error)
        return ""

    def written(self, wanted: Format, tell: Tell = silent) -> "Product":
        """With that file. `tell` hears how much of it is written, from 0 to 1."""
        write = to_csv if wanted is Format.CSV else to_xlsx
        data = write(self.frame, tell)
        return replace(self, files={**self.files, wanted: File(data, sha256(data).hexdigest())})


def finished(frame: pd.DataFrame, stem: str, tell: Tell = silent) -> Product:
    """What can be taken home of `frame`, which holds text only; with its files if it is small."""
    product = Product(frame, stem, count_formulas(frame, tell))
    for each in Format if product.small else ():
        if not product.refusal(each):
            product = product.written(each)
    return product
