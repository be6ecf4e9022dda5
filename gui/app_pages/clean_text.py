"""Clean text: choose what to mend, see every change, download the result."""

import pandas as pd
import streamlit as st

from gui.actions import clean, cleaning_job
from gui.bench import Result, Work
from gui.characters import visible
from gui.cleaning import Case, Change
from gui.downloads import draw_downloads
from gui.loading import loading_job
from gui.no_table import draw_no_table
from gui.session import current_desk
from gui.status_words import count
from gui.table_choice import draw_table_choice
from gui.working import carry_out

_SWITCHES = (
    ("trim", "Trim", "Takes spaces off both ends of a cell."),
    ("collapse", "Collapse spaces", "Makes one plain space of several, of tabs and of non-breaking spaces."),
    ("quotes", "Straighten quotes", "Turns curly quotes into straight ones."),
    ("mojibake", "Mend broken encoding", "Turns MÃ¼ller back into Müller."),
    ("compose", "Compose letters", "Unicode NFC: an accent drawn over a letter becomes the accented letter."),
    ("zero_width", "Remove invisible characters", "Zero-width spaces, soft hyphens and byte-order marks inside cells."),
)


def show() -> None:
    """Draw the page."""
    st.caption("Choose what to mend, look at every change, and take the result home. The uploaded file stays as it is.")
    carry_out(loading_job)
    desk = current_desk()
    if desk is None:
        draw_no_table("There is nothing to clean before a table is loaded.")
        return
    draw_table_choice()
    _draw_options(desk.work)
    carry_out(cleaning_job)
    if desk.result is not None:
        _draw_result(desk.work, desk.result)


def _draw_options(work: Work) -> None:
    rows = len(work.table.frame)
    with st.form("clean_form"):
        st.markdown(f"**{work.table.name}** · {count(rows, 'row')}, {count(len(work.table.frame.columns), 'column')}")
        with st.grid(3, min_column_width=240):
            for name, label, explanation in _SWITCHES:
                st.toggle(label, value=True, key=f"clean_{name}", help=explanation)
        case, columns = st.columns(2)
        case.selectbox("Capitals", list(Case), key="clean_case")
        columns.multiselect(
            "Columns to change the capitals of", list(work.table.frame.columns), key="clean_case_columns",
            placeholder="None",
        )  # fmt: skip
        st.form_submit_button(
            "Clean the table", type="primary", icon=":material/cleaning_services:", key="clean", on_click=clean
        )


def _draw_result(work: Work, result: Result) -> None:
    cleaned = result.cleaned
    if not cleaned.changed:
        st.success("Nothing had to be changed with these options.", icon=":material/check_circle:")
    st.subheader(f"{count(cleaned.cells, 'cell')} changed", anchor=False)
    draw_downloads(result.product, "result", "Download the cleaned CSV")
    if cleaned.changed:
        changes, columns = st.tabs(["Before and after", "By column"])
        with changes:
            _draw_changes(result.changes, cleaned.cells)
        with columns:
            _draw_columns(cleaned.changed, len(work.table.frame))


def _draw_changes(changes: list[Change], cells: int) -> None:
    frame = pd.DataFrame(
        {
            "Row": [change.row for change in changes],
            "Column": [change.column for change in changes],
            "Before": [visible(change.before) for change in changes],
            "After": [visible(change.after) for change in changes],
        }
    )
    wide = {name: st.column_config.TextColumn(name, width="large") for name in ("Before", "After")}
    st.dataframe(frame, hide_index=True, column_config=wide, alt="Cells before and after cleaning")
    shown = f"The first {count(len(changes), 'change')} of {cells:,}. " if cells > len(changes) else ""
    st.caption(f"{shown}· is a space, ⇥ a tab, ⍽ a non-breaking space, [U+…] a character that does not show.")


def _draw_columns(changed: dict[str, int], rows: int) -> None:
    frame = pd.DataFrame({"Column": list(changed), "Changed": list(changed.values())})
    bar = st.column_config.ProgressColumn("Changed cells", format="%d", min_value=0, max_value=rows)
    st.dataframe(frame, hide_index=True, column_config={"Changed": bar}, alt="Changed cells of each column")


show()
