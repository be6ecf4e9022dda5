"""What is downloaded as XLSX is the table as text, whatever is in it."""

import io

import openpyxl  # type: ignore[import-untyped]
import pandas as pd
import pytest

from gui.table import load_table
from gui.table_error import TableError
from gui.xlsx_writing import MAX_CELL, MAX_COLUMNS, check_size, to_xlsx


def test_every_cell_comes_back_as_the_text_it_was() -> None:
    frame = pd.DataFrame({"n": ["007", "=1+1", "+49", "@x"], "=a": ["", "ü", "1e5", "2026-11-26"]}, dtype="str")
    data = to_xlsx(frame)
    pd.testing.assert_frame_equal(load_table(data, "x.xlsx").frame, frame)
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert sheet is not None
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}


def test_what_xlsx_cannot_hold_is_replaced_and_cut() -> None:
    frame = pd.DataFrame({"a": ["x\x01y", "z" * (MAX_CELL + 1)]}, dtype="str")
    assert load_table(to_xlsx(frame), "x.xlsx").frame["a"].tolist() == ["x\ufffdy", "z" * MAX_CELL]


def test_more_than_a_sheet_holds_is_refused_with_what_to_do() -> None:
    with pytest.raises(TableError, match="Download it as CSV"):
        check_size(pd.DataFrame([[""] * (MAX_COLUMNS + 1)]))
