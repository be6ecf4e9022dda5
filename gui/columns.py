"""Rows of text, one by one, to a table whose columns hold text only.

The rows are given up piece by piece: as Python's own texts, a table of 200 MB would take over 2 GB meanwhile.
"""

import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]

_PIECE = 50_000


class Columns:
    """Collects rows of equal length."""

    def __init__(self) -> None:
        self._rows: list[list[str]] = []
        self._pieces: list[list[pa.Array]] = []
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def add(self, row: list[str]) -> None:
        """Add a row at the end."""
        self._rows.append(row)
        self._length += 1
        if len(self._rows) == _PIECE:
            self._pack()

    def frame(self, names: list[str]) -> pd.DataFrame:
        """Return the table, whose columns have these names. There is at least one row."""
        self._pack()
        columns = {
            name: pd.array(pa.chunked_array([piece[number] for piece in self._pieces]), dtype="str")
            for number, name in enumerate(names)
        }
        return pd.DataFrame(columns, columns=pd.Index(names, dtype="str"))

    def _pack(self) -> None:
        if self._rows:
            self._pieces.append([pa.array(column, pa.large_string()) for column in zip(*self._rows, strict=True)])
            self._rows.clear()
