"""Which tables there are: load, choose, remove, put back. What is logged, is logged once, when it has really happened.

- A file that cannot be read costs the others nothing.
- Never a cell's value in the audit trail: names of files, sizes, counts and durations only.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path
from time import perf_counter

import streamlit as st

from gui.analysis import analyse
from gui.audit import log_event
from gui.bench import Incoming, Work
from gui.errors import add_trouble, guarded
from gui.progress import milliseconds
from gui.session import current_bench, keep_bench
from gui.table import Table, TableError, load_table
from gui.telling import Tell, part
from gui.working import Job

SAMPLE = Path(__file__).parent / "sample" / "customers.csv"
CHOICE_KEY = "table_choice"

# Reading is about as long as looking through.
_READ = 0.5
_ROUND = "uploader_round"


def uploader_key() -> str:
    """Key of the upload field. It changes with each upload: the field is empty then, and its bytes are let go of."""
    return f"upload_{st.session_state.get(_ROUND, 0)}"


@guarded("Upload")
def take_uploads() -> None:
    """Want the files in the upload field loaded."""
    uploaded = st.session_state.get(uploader_key()) or []
    many = len(uploaded)
    keep_bench(
        current_bench().expecting(
            *(
                Incoming(file.name, file.getvalue(), "file", f" ({number} of {many})" if many > 1 else "")
                for number, file in enumerate(uploaded, start=1)
            )
        )
    )
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


@guarded("Sample")
def take_sample() -> None:
    """Want the table loaded that comes with the tool."""
    keep_bench(current_bench().expecting(Incoming(SAMPLE.name, SAMPLE.read_bytes(), "sample")))


def loading_job() -> Job | None:
    """The loading of the next file, if there is one."""
    incoming = current_bench().incoming
    if not incoming:
        return None
    file = incoming[0]
    return Job(f"Loading {file.name}{file.place}", "upload", file.name, partial(_load, file), _drop_incoming)


@guarded("Choose a table")
def choose_table() -> None:
    """Work on the table that was chosen on the page."""
    number, bench = st.session_state.get(CHOICE_KEY), current_bench()
    if number is not None and number in bench.desks and number != bench.current:
        keep_bench(bench.choosing(number))
        name = bench.desks[number].work.table.name
        log_event("nav", f"Chose {name}", filename=name)


@guarded("Remove a table")
def remove_table() -> None:
    """Take the table at work off the bench; until the next one is loaded or removed it can be put back."""
    bench = current_bench()
    if bench.desk is not None:
        keep_bench(bench.removing())
        name = bench.desk.work.table.name
        log_event("upload", f"Removed {name}", filename=name)


@guarded("Put a table back")
def put_back() -> None:
    """Have the table again that was removed last, with all that was made of it."""
    bench = current_bench()
    if bench.removed is not None:
        keep_bench(bench.putting_back())
        name = bench.removed[1].work.table.name
        log_event("upload", f"Put back {name}", filename=name)


def _load(file: Incoming, tell: Tell) -> bool:
    start = perf_counter()
    try:
        table = load_table(file.data, file.name, part(tell, 0, _READ))
    except TableError as error:
        return _refuse(file, str(error), milliseconds(start))
    read_ms, start = milliseconds(start), perf_counter()
    analysis = analyse(table.frame, part(tell, _READ, 1))
    work = Work(table, analysis)
    if not keep_bench(current_bench().loaded(file, work)):
        return False
    _log_loaded(file, table, read_ms)
    log_event(
        "analyze", f"Analysed {file.name}", filename=file.name, rows=analysis.rows, columns=len(analysis.columns),
        findings=len(analysis.findings), missing=analysis.missing, duplicate_rows=analysis.duplicate_rows,
        kinds=analysis.kinds(), outcome="ok", duration_ms=milliseconds(start),
    )  # fmt: skip
    return True


def _refuse(file: Incoming, reason: str, duration_ms: float) -> bool:
    # First: whoever is stopped between the two says the same again, and nothing goes unsaid.
    add_trouble(f"**{_escaped(file.name)}** was not loaded. {reason}")
    if not keep_bench(current_bench().loaded(file, None)):
        return False
    log_event(
        "upload", f"Could not read {file.name}", level="warning", filename=file.name, bytes=len(file.data),
        source=file.source, reason=reason, outcome="refused", duration_ms=duration_ms,
    )  # fmt: skip
    return True


def _log_loaded(file: Incoming, table: Table, duration_ms: float) -> None:
    rows, columns = table.frame.shape
    log_event(
        "upload", f"Uploaded {file.name}" if file.source == "file" else f"Opened the sample {file.name}",
        filename=file.name, bytes=len(file.data), source=file.source, format=table.kind, encoding=table.encoding,
        delimiter=table.delimiter, rows=rows, columns=columns, outcome="ok", duration_ms=duration_ms,
    )  # fmt: skip


def _drop_incoming() -> None:
    bench = current_bench()
    keep_bench(replace(bench, incoming=()))


def _escaped(name: str) -> str:
    """The name as Markdown shows it, whatever characters are in it."""
    return "".join(c if c.isalnum() or c in " .-" else f"\\{c}" if c.isascii() and c.isprintable() else c for c in name)
