"""Buttons that give a table to the browser, as CSV and as XLSX. The bytes are made when they are asked for."""

from functools import partial

import pandas as pd
import streamlit as st

from gui.audit import log_event
from gui.errors import guarded
from gui.status_words import count
from gui.table import to_csv
from gui.table_error import TableError
from gui.xlsx_writing import check_size, to_xlsx

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_button(frame: pd.DataFrame, stem: str, label: str, key: str) -> None:
    """Draw the button for `stem`.csv."""
    name = f"{stem}.csv"
    st.download_button(
        label, partial(to_csv, frame), name, "text/csv", key=key, on_click=_note(frame, name), type="primary",
        icon=":material/download:",
    )  # fmt: skip


def xlsx_button(frame: pd.DataFrame, stem: str, label: str, key: str) -> None:
    """Draw the button for `stem`.xlsx, which cannot be pressed for a table that is too large for one."""
    name, why = f"{stem}.xlsx", None
    try:
        check_size(frame)
    except TableError as error:
        why = str(error)
    st.download_button(
        label, partial(to_xlsx, frame), name, _XLSX, key=key, on_click=_note(frame, name), icon=":material/table:",
        disabled=why is not None, help=why,
    )  # fmt: skip


def draw_formulas(cells: int) -> None:
    """Warn of cells that a spreadsheet program would take for formulas."""
    if cells:
        st.caption(
            f":material/warning: {count(cells, 'cell')} could be taken for a formula: a spreadsheet program that opens the "
            "CSV may run what begins with =, +, - or @. The CSV has them as they are; the XLSX has them as text, which never runs."
        )


def _note(frame: pd.DataFrame, name: str) -> "partial[None]":
    return partial(_downloaded, name, *frame.shape)


@guarded("Download")
def _downloaded(name: str, rows: int, columns: int) -> None:
    log_event("download", f"Downloaded {name}", filename=name, rows=rows, columns=columns)
