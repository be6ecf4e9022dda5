"""Buttons that give a table to the browser, as CSV and as XLSX.

Only bytes that are there are given to a button: those that are made for a click are forgotten when the page is drawn
meanwhile, and show no bar.
"""

from functools import partial
from typing import Literal

import streamlit as st

from gui.bench import Made
from gui.preparing import note_download, prepare, writing_job
from gui.product import Format, Product
from gui.status_words import count
from gui.working import carry_out

_TYPES = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_ICONS = {Format.CSV: ":material/download:", Format.XLSX: ":material/table:"}


def draw_downloads(product: Product, made: Made, csv_label: str) -> None:
    """Draw a button for each format: it downloads the file, or has it prepared first where the table is large."""
    carry_out(partial(writing_job, made))
    with st.container(horizontal=True):
        for each in Format:
            _draw_button(product, made, each, csv_label if each is Format.CSV else f"Download {each}")
    if why := product.refusal(Format.XLSX):
        st.caption(f":material/info: {why}")
    _draw_formulas(product.formulas)


def _draw_button(product: Product, made: Made, wanted: Format, label: str) -> None:
    kind: Literal["primary", "secondary"] = "primary" if wanted is Format.CSV else "secondary"
    key = f"{made}_{wanted.lower()}"
    file = product.files.get(wanted)
    if file is None:
        st.button(
            f"Prepare {wanted}", key=f"prepare_{key}", on_click=prepare, args=(made, wanted), type=kind,
            icon=":material/note_add:", disabled=bool(product.refusal(wanted)),
        )  # fmt: skip
        return
    if not product.small:
        label = f"{label} ({len(file.data) / 1e6:,.0f} MB)"
    st.download_button(
        label, file.data, product.file_name(wanted),
        # Streamlit knows files over 1 MiB by their ends, middle and type, and would give an older one that has the same.
        f"{_TYPES[wanted]}; sha256={file.sha256}",
        key=f"download_{key}", on_click=partial(note_download, product, wanted), type=kind, icon=_ICONS[wanted],
    )  # fmt: skip


def _draw_formulas(cells: int) -> None:
    """Warn of cells that a spreadsheet program would take for formulas."""
    if cells:
        st.caption(
            f":material/warning: {count(cells, 'cell')} could be taken for a formula: a spreadsheet program that opens the "
            "CSV may run what begins with =, +, - or @. The CSV has them as they are; the XLSX has them as text, which never runs."
        )
