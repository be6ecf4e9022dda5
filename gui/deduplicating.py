"""What a user does about duplicates: look for them, choose who stays, remove the others. Logs names and counts alone."""

from pathlib import Path
from time import perf_counter

import streamlit as st

from gui.audit import log_event
from gui.deduplication import Keep, Matching, find_groups, without
from gui.errors import guarded
from gui.progress import progress
from gui.session import (
    Deduplicated,
    Duplicates,
    current_duplicates,
    current_work,
    keep_deduplicated,
    keep_duplicates,
)

ALL_STAY = "All stay"
# Which row stays, by group, where somebody chose.
_CHOSEN = "dedup_chosen"
# How often duplicates were looked for: the choices of another time are none of this one.
_ROUND = "dedup_round"


@guarded("Find duplicates")
def find_duplicates() -> None:
    """Look for duplicates in the loaded table, by what is chosen on the page."""
    work = current_work()
    if work is None:
        return
    state = st.session_state
    matching = Matching(
        tuple(state.get("dedup_columns") or ()),
        ignore_case=bool(state.get("dedup_case")),
        ignore_spaces=bool(state.get("dedup_spaces")),
        keep=Keep(state.get("dedup_keep") or Keep.FIRST),
    )
    start = perf_counter()
    with progress(f"Comparing the rows of {work.table.name}") as tell:
        groups = find_groups(work.table.frame, matching, tell)
    state[_CHOSEN], state[_ROUND] = {}, state.get(_ROUND, 0) + 1
    keep_duplicates(Duplicates(matching, groups))
    log_event(
        "tool_run", f"Looked for duplicates in {work.table.name}", tool="deduplicate", filename=work.table.name,
        rows=len(work.table.frame), columns=list(matching.columns), ignore_case=matching.ignore_case,
        ignore_spaces=matching.ignore_spaces, keep=str(matching.keep), groups=len(groups), surplus=groups.surplus,
        duration_ms=round((perf_counter() - start) * 1000, 1),
    )  # fmt: skip


@guarded("Remove duplicates")
def remove_duplicates() -> None:
    """Remove all rows of all groups but those that stay."""
    work, duplicates = current_work(), current_duplicates()
    if work is None or duplicates is None:
        return
    start = perf_counter()
    frame, by_hand = work.table.frame, chosen()
    left = without(frame, duplicates.groups, by_hand)
    keep_deduplicated(Deduplicated(left, len(frame) - len(left), f"{Path(work.table.name).stem}-deduplicated"))
    log_event(
        "tool_run", f"Removed the duplicates of {work.table.name}", tool="deduplicate", filename=work.table.name,
        rows=len(frame), removed=len(frame) - len(left), groups=len(duplicates.groups), chosen_by_hand=len(by_hand),
        duration_ms=round((perf_counter() - start) * 1000, 1),
    )  # fmt: skip


@guarded("Choose the row that stays")
def choose(group: int) -> None:
    """Take over which row of a group stays, as chosen on the page."""
    label = st.session_state.get(choice_key(group))
    if label is not None:
        row = None if label == ALL_STAY else int(label.split()[-1].replace(",", "")) - 1
        st.session_state[_CHOSEN] = {**chosen(), group: row}


def chosen() -> dict[int, int | None]:
    """By group, the row that stays where somebody chose it; None stands for all of them."""
    by_hand: dict[int, int | None] = st.session_state.get(_CHOSEN, {})
    return by_hand


def choice_key(group: int) -> str:
    """Key of the choice for a group."""
    return f"dedup_stays_{st.session_state.get(_ROUND, 0)}_{group}"


def row_label(row: int) -> str:
    """A row as the page counts them: from 1, without the heading."""
    return f"Row {row + 1:,}"
