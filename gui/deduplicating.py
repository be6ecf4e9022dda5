"""What a user does about duplicates: look for them, choose who stays, remove the others. Logs names and counts alone."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from time import perf_counter

import streamlit as st

from gui.audit import log_event
from gui.bench import Deduplicated, Duplicates
from gui.deduplication import Keep, Matching, find_groups, without
from gui.errors import guarded
from gui.product import finished
from gui.progress import milliseconds
from gui.session import current_bench, keep_bench
from gui.table import Table
from gui.telling import Tell
from gui.working import Job

ALL_STAY = "All stay"


@guarded("Find duplicates")
def find_duplicates() -> None:
    """Want duplicates found in the table at work, by what is chosen on the page."""
    bench = current_bench()
    desk, number = bench.desk, bench.current
    if desk is None or number is None:
        return
    state = st.session_state
    matching = Matching(
        # Chosen for another table, perhaps.
        tuple(name for name in state.get("dedup_columns") or () if name in desk.work.table.frame.columns),
        ignore_case=bool(state.get("dedup_case")),
        ignore_spaces=bool(state.get("dedup_spaces")),
        keep=Keep(state.get("dedup_keep") or Keep.FIRST),
    )
    keep_bench(bench.making(number, comparing=matching))


def comparing_job() -> Job | None:
    """The search that is wanted in the table at work, if any."""
    bench = current_bench()
    desk, number = bench.desk, bench.current
    if desk is None or number is None or desk.comparing is None:
        return None
    return Job(
        f"Comparing the rows of {desk.work.table.name}", "tool_run", desk.work.table.name,
        partial(_find, number, desk.work.table, desk.comparing), partial(_drop, number),
    )  # fmt: skip


def _find(number: int, table: Table, matching: Matching, tell: Tell) -> bool:
    start = perf_counter()
    groups = find_groups(table.frame, matching, tell)
    if not keep_bench(current_bench().finding(number, matching, groups)):
        return False
    log_event(
        "tool_run", f"Looked for duplicates in {table.name}", tool="deduplicate", filename=table.name,
        rows=len(table.frame), columns=list(matching.columns), ignore_case=matching.ignore_case,
        ignore_spaces=matching.ignore_spaces, keep=str(matching.keep), groups=len(groups), surplus=groups.surplus,
        outcome="ok", duration_ms=milliseconds(start),
    )  # fmt: skip
    return True


def _drop(number: int) -> None:
    keep_bench(current_bench().making(number, comparing=None))


@guarded("Remove duplicates")
def remove_duplicates() -> None:
    """Want all rows of all groups removed but those that stay."""
    bench = current_bench()
    if bench.current is not None and bench.desk is not None:
        keep_bench(bench.making(bench.current, removing=bench.desk.duplicates))


def removing_job() -> Job | None:
    """The removing that is wanted in the table at work, if any."""
    bench = current_bench()
    desk, number = bench.desk, bench.current
    if desk is None or number is None or desk.removing is None:
        return None
    return Job(
        f"Removing the duplicates of {desk.work.table.name}", "tool_run", desk.work.table.name,
        partial(_remove, number, desk.work.table, desk.removing), partial(_keep, number),
    )  # fmt: skip


def _remove(number: int, table: Table, duplicates: Duplicates, tell: Tell) -> bool:
    start = perf_counter()
    frame, by_hand = table.frame, duplicates.chosen
    left = without(frame, duplicates.groups, by_hand)
    product = finished(left, f"{Path(table.name).stem}-deduplicated", tell)
    made = Deduplicated(len(frame) - len(left), product)
    if not keep_bench(current_bench().done(number, duplicates, deduplicated=made)):
        return False
    log_event(
        "tool_run", f"Removed the duplicates of {table.name}", tool="deduplicate", filename=table.name,
        rows=len(frame), removed=len(frame) - len(left), groups=len(duplicates.groups), chosen_by_hand=len(by_hand),
        outcome="ok", duration_ms=milliseconds(start),
    )  # fmt: skip
    return True


def _keep(number: int) -> None:
    keep_bench(current_bench().making(number, removing=None))


@guarded("Choose the row that stays")
def choose(group: int) -> None:
    """Take over which row of a group stays, as chosen on the page; what was removed before is forgotten."""
    bench = current_bench()
    desk, number = bench.desk, bench.current
    if desk is None or number is None or desk.duplicates is None:
        return
    label = st.session_state.get(choice_key(desk.duplicates, group))
    if label is not None:
        row = None if label == ALL_STAY else int(label.split()[-1].replace(",", "")) - 1
        duplicates = replace(desk.duplicates, chosen={**desk.duplicates.chosen, group: row})
        keep_bench(bench.making(number, duplicates=duplicates, deduplicated=None, removing=None))


def choice_key(duplicates: Duplicates, group: int) -> str:
    """Key of the choice for a group."""
    return f"dedup_stays_{duplicates.search}_{group}"


def row_label(row: int) -> str:
    """A row as the page counts them: from 1, without the heading."""
    return f"Row {row + 1:,}"
