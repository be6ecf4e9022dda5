"""What a user does to clean a table. Each is a callback, and logs once what really happened.

Never a cell's value in the audit trail: names of files, counts and durations only.
"""

from pathlib import Path
from time import perf_counter

import streamlit as st

from gui.audit import log_event
from gui.cleaning import Case, Options, clean_frame, first_changes
from gui.errors import guarded
from gui.progress import milliseconds, progress
from gui.session import Result, current_work, keep_result

SHOWN_CHANGES = 200


@guarded("Clean text")
def clean() -> None:
    """Clean the table at work with the options that are switched on."""
    work = current_work()
    if work is None:
        return
    options = chosen_options()
    start = perf_counter()
    with progress(f"Cleaning {work.table.name}") as tell:
        cleaned = clean_frame(work.table.frame, options, tell)
    changes = first_changes(work.table.frame, cleaned, SHOWN_CHANGES)
    keep_result(Result(cleaned, changes, f"{Path(work.table.name).stem}-cleaned"))
    log_event(
        "tool_run", f"Cleaned {work.table.name}", tool="clean_text", filename=work.table.name, options=options.names(),
        rows=len(cleaned.frame), columns=len(cleaned.frame.columns), changed_cells=cleaned.cells,
        changed_columns=len(cleaned.changed), duration_ms=milliseconds(start),
    )  # fmt: skip


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
