"""What a user does to clean a table: a callback says that it is wanted, and the page has it done.

Never a cell's value in the audit trail: names of files, counts and durations only.
"""

from functools import partial
from pathlib import Path
from time import perf_counter

import streamlit as st

from gui.audit import log_event
from gui.bench import Result
from gui.cleaning import Case, Options, clean_frame, first_changes
from gui.errors import guarded
from gui.product import finished
from gui.progress import milliseconds
from gui.session import current_bench, keep_bench
from gui.table import Table
from gui.telling import Tell, part
from gui.working import Job

SHOWN_CHANGES = 200
# What comes after is short.
_CLEANED = 0.95


@guarded("Clean text")
def clean() -> None:
    """Want the table at work cleaned with the options that are switched on."""
    bench = current_bench()
    if bench.current is not None:
        keep_bench(bench.making(bench.current, cleaning=chosen_options()))


def cleaning_job() -> Job | None:
    """The cleaning that is wanted of the table at work, if any."""
    bench = current_bench()
    desk, number = bench.desk, bench.current
    if desk is None or number is None or desk.cleaning is None:
        return None
    return Job(
        f"Cleaning {desk.work.table.name}", "tool_run", desk.work.table.name,
        partial(_clean, number, desk.work.table, desk.cleaning), partial(_drop, number),
    )  # fmt: skip


def _clean(number: int, table: Table, options: Options, tell: Tell) -> bool:
    start = perf_counter()
    cleaned = clean_frame(table.frame, options, part(tell, 0, _CLEANED))
    changes = first_changes(table.frame, cleaned, SHOWN_CHANGES)
    product = finished(cleaned.frame, f"{Path(table.name).stem}-cleaned", part(tell, _CLEANED, 1))
    result = Result(cleaned, changes, product)
    if not keep_bench(current_bench().done(number, options, result=result)):
        return False
    log_event(
        "tool_run", f"Cleaned {table.name}", tool="clean_text", filename=table.name, options=options.names(),
        rows=len(cleaned.frame), columns=len(cleaned.frame.columns), changed_cells=cleaned.cells,
        changed_columns=len(cleaned.changed), outcome="ok", duration_ms=milliseconds(start),
    )  # fmt: skip
    return True


def _drop(number: int) -> None:
    keep_bench(current_bench().making(number, cleaning=None))


def chosen_options() -> Options:
    """Return what is switched on on the page, or the defaults for what was never drawn."""
    state = st.session_state
    default = Options()
    switches = ("trim", "collapse", "quotes", "mojibake", "compose", "zero_width")
    return Options(
        **{name: bool(state.get(f"clean_{name}", getattr(default, name))) for name in switches},
        case=Case(state.get("clean_case") or Case.KEEP),
        case_columns=tuple(state.get("clean_case_columns") or ()),
    )
