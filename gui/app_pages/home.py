"""Home: load a table and see what is wrong with it."""

import pandas as pd
import streamlit as st

from gui.analysis import Analysis, Finding
from gui.bench import Work
from gui.charts import draw_missing, draw_spread, draw_troubles
from gui.loading import loading_job, put_back, remove_table, take_sample, take_uploads, uploader_key
from gui.session import current_bench, current_work
from gui.status_words import count
from gui.table_choice import draw_table_choice
from gui.working import carry_out

SHOWN_ROWS = 100
_EVERYWHERE = "Whole rows"


def show() -> None:
    """Draw the page."""
    st.caption("Upload one table or several and see what is wrong with them. They stay in the memory of this program.")
    _draw_sources()
    carry_out(loading_job)
    _draw_removed()
    if (work := current_work()) is None:
        _draw_nothing_yet()
        return
    draw_table_choice()
    _draw_name(work)
    _draw_metrics(work.analysis)
    findings, charts, columns, rows = st.tabs(
        [f"Findings ({len(work.analysis.findings):,})", "Charts", "Columns", "Rows"]
    )
    with findings:
        _draw_findings(work.analysis.findings)
    with charts:
        _draw_charts(work.analysis)
    with columns:
        _draw_columns(work.analysis)
    with rows:
        _draw_rows(work.table.frame)


def _draw_sources() -> None:
    # Of any type: what a file is, its content says, and what it is instead of a table is said in words.
    st.file_uploader("CSV or XLSX files", accept_multiple_files=True, key=uploader_key(), on_change=take_uploads)
    # The browser refuses it, and this program never hears of it.
    st.caption("A file of over 200 MB is not taken. Split it, or leave columns out, and upload the parts.")
    st.button("Use the sample", icon=":material/dataset:", key="use_sample", on_click=take_sample)


def _draw_removed() -> None:
    if (removed := current_bench().removed) is None:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="removed"):
        st.markdown(f"**{removed[1].work.table.name}** was removed, with what was made of it.", width="content")
        st.button("Put it back", icon=":material/undo:", key="put_back", on_click=put_back)


def _draw_nothing_yet() -> None:
    with st.container(border=True, horizontal_alignment="center", gap="small", key="no_table"):
        st.markdown("### :material/table_view: No table yet", text_alignment="center")
        st.caption(
            "Upload files above, or use the sample: 200 customers with every trouble there is.",
            text_alignment="center",
        )


def _draw_name(work: Work) -> None:
    table = work.table
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(table.name, anchor=False, width="content")
        st.badge(table.kind, color="green")
        if table.encoding:
            st.badge(table.encoding, color="gray", help="The encoding of the file")
            st.badge(table.delimiter, color="gray", help="What separates the columns")
        st.badge(f"{table.size:,} bytes", color="gray")
        st.button("Remove", icon=":material/close:", type="tertiary", key="remove_table", on_click=remove_table)
    for note in table.notes:
        st.caption(f":material/info: {note}")


def _draw_metrics(analysis: Analysis) -> None:
    with st.grid(4, min_column_width=120):
        st.metric("Rows", f"{analysis.rows:,}", border=True)
        st.metric("Columns", f"{len(analysis.columns):,}", border=True)
        st.metric("Missing values", f"{analysis.missing:,}", border=True)
        st.metric("Duplicate rows", f"{analysis.duplicate_rows:,}", border=True)


def _draw_findings(findings: tuple[Finding, ...]) -> None:
    if not findings:
        st.success("Nothing is wrong with this table.", icon=":material/check_circle:")
        return
    frame = pd.DataFrame(
        {
            "Column": [finding.column or _EVERYWHERE for finding in findings],
            "Trouble": [str(finding.kind) for finding in findings],
            "Count": [finding.count for finding in findings],
            "Example": [finding.example for finding in findings],
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "Count": st.column_config.ProgressColumn(
                "Cells or rows", format="%d", min_value=0, max_value=int(frame["Count"].max()), width="medium"
            ),
            "Example": st.column_config.TextColumn("Example", width="large"),
        },
        alt="What is wrong with the table, column by column",
    )
    st.caption(
        "In the examples · is a space, ⇥ a tab, ⍽ a non-breaking space, and [U+…] a character that does not show."
    )
    st.page_link("app_pages/clean_text.py", label="Clean this table", icon=":material/arrow_forward:")


def _draw_charts(analysis: Analysis) -> None:
    with st.grid(2, min_column_width=300):
        with st.container():
            draw_troubles(analysis)
        with st.container():
            draw_missing(analysis)
    columns = {column.name: column for column in analysis.columns}
    name = st.selectbox("Look at the values of", list(columns), key="chart_column")
    draw_spread(columns[name])


def _draw_columns(analysis: Analysis) -> None:
    columns = analysis.columns
    frame = pd.DataFrame(
        {
            "Column": [column.name for column in columns],
            "Type": [column.type for column in columns],
            "Filled": [1 - column.missing / analysis.rows for column in columns],
            "Distinct": [column.distinct for column in columns],
        }
    )
    filled = st.column_config.ProgressColumn("Filled", format="percent", min_value=0, max_value=1)
    st.dataframe(
        frame, hide_index=True, column_config={"Filled": filled}, alt="Guessed type and filling of each column"
    )


def _draw_rows(frame: pd.DataFrame) -> None:
    head = frame.head(SHOWN_ROWS)
    st.dataframe(head.set_axis(pd.RangeIndex(1, len(head) + 1), axis=0), alt="The first rows of the table")
    if len(frame) > SHOWN_ROWS:
        st.caption(f"The first {SHOWN_ROWS} of {count(len(frame), 'row')}.")


show()
