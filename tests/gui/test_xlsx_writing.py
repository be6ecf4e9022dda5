"""What is downloaded as XLSX is the table as text, whatever is in it."""

import io

import openpyxl  # type: ignore[import-untyped]
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


def test_a_text_longer_than_a_cell_is_cut() -> None:
    frame = pd.DataFrame({"a": ["z" * (MAX_CELL + 1)]}, dtype="str")
    assert load_table(to_xlsx(frame), "x.xlsx").frame["a"].tolist() == ["z" * MAX_CELL]


# All that a table can hold, and what XML would change or a reader of workbooks would take for an escape.
texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\t\n\v\f\r<>&\"'\ufffe\uffff"), max_size=6
) | st.sampled_from(["_x000D_", "_x0041_x0042_", "__x005F_", "_x005f_x000a_", "a\r\nb", " ", "_xD800_"])


@settings(deadline=None)  # the machine may be busy
@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=5), st.integers(1, 4))
def test_whatever_is_in_a_table_comes_back(rows: list[tuple[str, str]], piece: int) -> None:
    # A row without anything in it is no row of a workbook.
    frame = pd.DataFrame([("x", *row) for row in rows], columns=pd.Index(["a", "b&<", "_x0063_"]), dtype="str")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gui.xlsx_writing._PIECE_CELLS", piece)
        data = to_xlsx(frame)
    again = load_table(data, "x.xlsx").frame
    assert list(again.columns) == list(frame.columns) or not frame["_x0063_"].any()
    assert again.to_numpy().tolist() == [row[: len(again.columns)] for row in frame.to_numpy().tolist()]


def test_a_long_column_is_written_piece_by_piece_and_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.xlsx_writing._PIECE_CELLS", 2)
    frame = pd.DataFrame({"a": ["1", "", "3", "4", "5"]}, dtype="str")
    shares: list[float] = []
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(frame, shares.append))).active
    assert sheet is not None
    assert [cell.value for (cell,) in sheet.iter_rows()] == ["a", "1", None, "3", "4", "5"]
    assert shares == [0, 2 / 5, 4 / 5]


def test_more_than_a_sheet_holds_or_is_read_again_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TableError, match="Download it as CSV"):
        check_size(pd.DataFrame([[""] * (MAX_COLUMNS + 1)]))
    monkeypatch.setattr("gui.xlsx_writing.MAX_CELLS", 6)
    monkeypatch.setattr("gui.xlsx_rows.MAX_CELLS", 6)
    frame = pd.DataFrame({"a": ["1", "2", "3"], "b": ["1", "2", "3"]}, dtype="str")
    assert load_table(to_xlsx(frame), "x.xlsx").frame.shape == (3, 2)
    with pytest.raises(TableError, match="up to 6 cells; this table has 9"):
        to_xlsx(frame.assign(c=frame["a"]))
