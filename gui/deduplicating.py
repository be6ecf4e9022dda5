"""What a user does about duplicates: look for them, choose who stays, remove the others. Logs names and counts alone."""

from dataclasses import replace
from pathlib import Path
from time import perf_counter

import streamlit as st

from gui.audit import log_event
from gui.deduplication import Keep, Matching, find_groups, without
from gui.errors import guarded
from gui.progress import milliseconds, progress
from gui.session import (
    Deduplicated,
    Duplicates,
    current_desk,
    current_work,
    keep_deduplicated,
    keep_duplicates,
    next_number,
)

ALL_STAY = "All stay"


@guarded("Find duplicates")
def find_duplicates() -> None:
    """Look for duplicates in the table at work, by what is chosen on the page."""
    work = current_work()
    if work is None:
        return
    state = st.session_state
    matching = Matching(
        # Chosen for another table, perhaps.
        tuple(name for name in state.get("dedup_columns") or () if name in work.table.frame.columns),
        ignore_case=bool(state.get("dedup_case")),
        ignore_spaces=bool(state.get("dedup_spaces")),
        keep=Keep(state.get("dedup_keep") or Keep.FIRST),
    )
    start = perf_counter()
    with progress(f"Comparing the rows of {work.table.name}") as tell:
        groups = find_groups(work.table.frame, matching, tell)
    keep_duplicates(Duplicates(matching, groups, next_number()))
    log_event(
        "tool_run", f"Looked for duplicates in {work.table.name}", tool="deduplicate", filename=work.table.name,
        rows=len(work.table.frame), columns=list(matching.columns), ignore_case=matching.ignore_case,
        ignore_spaces=matching.ignore_spaces, keep=str(matching.keep), groups=len(groups), surplus=groups.surplus,
        duration_ms=milliseconds(start),
    )  # fmt: skip


@guarded("Remove duplicates")
def remove_duplicates() -> None:
    """Remove all rows of all groups but those that stay."""
    desk = current_desk()
    if desk is None or desk.duplicates is None:
        return
    work, duplicates = desk.work, desk.duplicates
    start = perf_counter()
    frame, by_hand = work.table.frame, duplicates.chosen
    left = without(frame, duplicates.groups, by_hand)
    keep_deduplicated(Deduplicated(left, len(frame) - len(left), f"{Path(work.table.name).stem}-deduplicated"))
    log_event(
        "tool_run", f"Removed the duplicates of {work.table.name}", tool="deduplicate", filename=work.table.name,
        rows=len(frame), removed=len(frame) - len(left), groups=len(duplicates.groups), chosen_by_hand=len(by_hand),
        duration_ms=milliseconds(start),
    )  # fmt: skip


@guarded("Choose the row that stays")
def choose(group: int) -> None:
    """Take over which row of a group stays, as chosen on the page; what was removed before is forgotten."""
    desk = current_desk()
    if desk is None or desk.duplicates is None:
        return
    label = st.session_state.get(choice_key(desk.duplicates, group))
    if label is not None:
        row = None if label == ALL_STAY else int(label.split()[-1].replace(",", "")) - 1
        keep_duplicates(replace(desk.duplicates, chosen={**desk.duplicates.chosen, group: row}))


def choice_key(duplicates: Duplicates, group: int) -> str:
    """Key of the choice for a group."""
    return f"dedup_stays_{duplicates.search}_{group}"


def row_label(row: int) -> str:
    """A row as the page counts them: from 1, without the heading."""
    return f"Row {row + 1:,}"
