"""Deduplicate: find rows that say the same, look at them side by side, keep one of each, download the rest."""

from functools import partial

import altair as alt
import pandas as pd
import streamlit as st

from gui.bench import Deduplicated, Duplicates, Work
from gui.characters import visible
from gui.deduplicating import (
    ALL_STAY,
    choice_key,
    choose,
    comparing_job,
    find_duplicates,
    remove_duplicates,
    removing_job,
    row_label,
)
from gui.deduplication import Groups, Keep, differing
from gui.downloads import draw_downloads
from gui.loading import loading_job
from gui.no_table import draw_no_table
from gui.session import current_desk
from gui.status_words import count
from gui.table_choice import draw_table_choice
from gui.working import carry_out

# Of one group, side by side; more do not fit on a screen.
SHOWN_ROWS = 6
SIZES = 12


def show() -> None:
    """Draw the page."""
    st.caption(
        "Find rows that say the same, see them side by side, and keep one of each. The uploaded file stays as it is."
    )
    carry_out(loading_job)
    desk = current_desk()
    if desk is None:
        draw_no_table("There is nothing to compare before a table is loaded.")
        return
    draw_table_choice()
    work, duplicates = desk.work, desk.duplicates
    _draw_options(work)
    carry_out(comparing_job)
    if duplicates is None:
        return
    if not len(duplicates.groups):
        st.success("No two rows are the same by this choice.", icon=":material/check_circle:")
        return
    _draw_found(work, duplicates.groups)
    _draw_review(work, duplicates)
    st.button(
        "Remove the duplicates", type="primary", icon=":material/playlist_remove:", key="dedup_remove",
        on_click=remove_duplicates,
    )  # fmt: skip
    carry_out(removing_job)
    if desk.deduplicated is not None:
        _draw_result(desk.deduplicated)


def _draw_options(work: Work) -> None:
    frame = work.table.frame
    with st.form("dedup_form"):
        st.markdown(f"**{work.table.name}** · {count(len(frame), 'row')}, {count(len(frame.columns), 'column')}")
        columns, keep = st.columns(2)
        columns.multiselect("Columns to compare", list(frame.columns), key="dedup_columns", placeholder="All of them")
        keep.selectbox("Which row stays", list(Keep), key="dedup_keep")
        with st.grid(2, min_column_width=240):
            st.toggle("Ignore capitals", key="dedup_case", help="ADA and Ada are the same.")
            st.toggle(
                "Ignore extra spaces", key="dedup_spaces", help="Spaces at both ends, and more than one between words."
            )
        st.form_submit_button(
            "Find duplicates",
            type="primary",
            icon=":material/content_copy:",
            key="dedup_find",
            on_click=find_duplicates,
        )


def _draw_found(work: Work, groups: Groups) -> None:
    with st.grid(3, min_column_width=140):
        st.metric("Groups", f"{len(groups):,}", border=True, help="Rows that say the same are a group.")
        st.metric("Rows to go", f"{groups.surplus:,}", border=True, help="If one row of each group stays.")
        st.metric("Rows that stay", f"{len(work.table.frame) - groups.surplus:,}", border=True)
    sizes = groups.sizes()
    if len(sizes) > 1:
        shown = pd.DataFrame({"Rows in a group": list(sizes)[:SIZES], "Groups": list(sizes.values())[:SIZES]})
        chart = alt.Chart(shown, height=160).mark_bar(size=28).encode(
            x=alt.X("Rows in a group:O", axis=alt.Axis(labelAngle=0)), y=alt.Y("Groups:Q", axis=alt.Axis(tickMinStep=1))
        )  # fmt: skip
        st.altair_chart(chart, alt="How many groups there are of each size")


def _draw_review(work: Work, duplicates: Duplicates) -> None:
    st.subheader("Side by side", anchor=False)
    groups = duplicates.groups
    number = st.pagination(len(groups), key=f"dedup_group_{duplicates.search}") - 1 if len(groups) > 1 else 0
    frame, rows = work.table.frame, groups.members(number)
    stays = duplicates.chosen.get(number, int(groups.survivors[number]))
    shown = rows[:SHOWN_ROWS]
    differs = set(differing(frame, rows))
    sides: dict[str, list[str]] = {"Column": [str(name) for name in frame.columns]}
    for row in shown:
        fate = "stays" if stays is None or row == stays else "goes"
        sides[f"{row_label(row)} ({fate})"] = [visible(str(value)) for value in frame.iloc[row]]
    sides["Differs"] = ["differs" if str(name) in differs else "" for name in frame.columns]
    # Seen also when a narrow screen is scrolled to the last row.
    names = st.column_config.TextColumn("Column", pinned=True)
    st.dataframe(
        pd.DataFrame(sides),
        hide_index=True,
        column_config={"Column": names},
        alt="The rows of one group side by side",
    )
    if len(rows) > len(shown):
        st.caption(f"The first {len(shown)} of {count(len(rows), 'row')} of this group.")
    options = [*map(row_label, shown), ALL_STAY]
    st.radio(
        f"Which row of group {number + 1:,} stays", options, index=_index(stays, shown), key=choice_key(duplicates, number), horizontal=True,
        on_change=partial(choose, number),
    )  # fmt: skip


def _index(stays: int | None, shown: list[int]) -> int | None:
    if stays is None:
        return len(shown)
    return shown.index(stays) if stays in shown else None


def _draw_result(result: Deduplicated) -> None:
    st.success(
        f"{count(result.removed, 'row')} removed, {count(len(result.product.frame), 'row')} left.",
        icon=":material/check_circle:",
    )
    draw_downloads(result.product, "deduplicated", "Download CSV")


show()
