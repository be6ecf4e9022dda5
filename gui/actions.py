"""What a user does with a table: load, clean, download. Each is a callback, and logs once what really happened.

Never a cell's value in the audit trail: names of files, sizes, counts and durations only.
"""

from pathlib import Path
from time import perf_counter

import streamlit as st

from gui.analysis import analyse
from gui.audit import log_event
from gui.cleaning import Case, Options, clean_frame, first_changes
from gui.errors import guarded, say_trouble
from gui.progress import progress
from gui.session import Result, Work, current_result, current_work, keep_result, keep_work
from gui.table import TableError, load_table, to_csv

SAMPLE = Path(__file__).parent / "sample" / "customers.csv"
SHOWN_CHANGES = 200

_ROUND = "uploader_round"


def uploader_key() -> str:
    """Key of the upload field; it changes when the sample replaces the uploaded file, which empties the field."""
    return f"upload_{st.session_state.get(_ROUND, 0)}"


@guarded("Upload")
def load_upload() -> None:
    """Load the file in the upload field, or let go of the table when the field was emptied."""
    uploaded = st.session_state.get(uploader_key())
    if uploaded is None:
        keep_work(None)
        log_event("upload", "Removed the table")
        return
    _load(uploaded.getvalue(), uploaded.name, "file")


@guarded("Sample")
def load_sample() -> None:
    """Load the table that comes with the tool."""
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    _load(SAMPLE.read_bytes(), SAMPLE.name, "sample")


@guarded("Clean text")
def clean() -> None:
    """Clean the loaded table with the options that are switched on."""
    work = current_work()
    if work is None:
        return
    options = chosen_options()
    start = perf_counter()
    with progress(f"Cleaning {work.table.name}") as tell:
        cleaned = clean_frame(work.table.frame, options, tell)
    changes = first_changes(work.table.frame, cleaned, SHOWN_CHANGES)
    stem = Path(work.table.name).stem
    keep_result(Result(cleaned, changes, to_csv(cleaned.frame), f"{stem}-cleaned.csv"))
    log_event(
        "tool_run", f"Cleaned {work.table.name}", tool="clean_text", filename=work.table.name, options=options.names(),
        rows=len(cleaned.frame), columns=len(cleaned.frame.columns), changed_cells=cleaned.cells,
        changed_columns=len(cleaned.changed), duration_ms=_milliseconds(start),
    )  # fmt: skip


@guarded("Download")
def downloaded() -> None:
    """Log the download; the browser fetches the bytes by itself."""
    result = current_result()
    if result is None:
        return
    frame = result.cleaned.frame
    log_event(
        "download", f"Downloaded {result.file_name}", filename=result.file_name, bytes=len(result.data),
        rows=len(frame), columns=len(frame.columns),
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


def _load(data: bytes, name: str, source: str) -> None:
    keep_work(None)
    start = perf_counter()
    try:
        with progress(f"Reading {name}"):
            table = load_table(data, name)
    except TableError as error:
        say_trouble(str(error))
        log_event(
            "upload", f"Could not read {name}", level="warning", filename=name, bytes=len(data), source=source,
            reason=str(error), duration_ms=_milliseconds(start),
        )  # fmt: skip
        return
    rows, columns = table.frame.shape
    log_event(
        "upload", f"Uploaded {name}" if source == "file" else f"Opened the sample {name}", filename=name,
        bytes=len(data), source=source, format=table.kind, encoding=table.encoding, delimiter=table.delimiter,
        rows=rows, columns=columns, duration_ms=_milliseconds(start),
    )  # fmt: skip
    start = perf_counter()
    with progress(f"Looking through {name}") as tell:
        analysis = analyse(table.frame, tell)
    keep_work(Work(table, analysis))
    log_event(
        "analyze", f"Analysed {name}", filename=name, rows=rows, columns=columns, findings=len(analysis.findings),
        missing=analysis.missing, duplicate_rows=analysis.duplicate_rows, kinds=analysis.kinds(),
        duration_ms=_milliseconds(start),
    )  # fmt: skip


def _milliseconds(start: float) -> float:
    return round((perf_counter() - start) * 1000, 1)
