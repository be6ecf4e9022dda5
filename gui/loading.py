"""Which tables there are: load, choose, remove. Each is a callback, and logs once what really happened.

- A file that cannot be read costs the others nothing.
- Never a cell's value in the audit trail: names of files, sizes, counts and durations only.
"""

from pathlib import Path
from time import perf_counter

import streamlit as st

from gui.analysis import analyse
from gui.audit import log_event
from gui.errors import guarded, say_trouble
from gui.progress import milliseconds, progress
from gui.session import Work, add_work, choose_work, current_number, current_work, desks, remove_work
from gui.table import TableError, load_table
from gui.telling import part

SAMPLE = Path(__file__).parent / "sample" / "customers.csv"
CHOICE_KEY = "table_choice"

# Reading is about as long as looking through.
_READ = 0.5
_ROUND = "uploader_round"


def uploader_key() -> str:
    """Key of the upload field. It changes with each upload: the field is empty then, and its bytes are let go of."""
    return f"upload_{st.session_state.get(_ROUND, 0)}"


@guarded("Upload")
def load_uploads() -> None:
    """Load the files in the upload field, and say of each that could not be read what is wrong with it."""
    uploaded = st.session_state.get(uploader_key()) or []
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    troubles = []
    for number, file in enumerate(uploaded, start=1):
        place = f" ({number} of {len(uploaded)})" if len(uploaded) > 1 else ""
        if trouble := _load(file.getvalue(), file.name, "file", place):
            troubles.append(f"**{_escaped(file.name)}** was not loaded. {trouble}")
    say_trouble("\n\n".join(troubles))


@guarded("Sample")
def load_sample() -> None:
    """Load the table that comes with the tool."""
    say_trouble(_load(SAMPLE.read_bytes(), SAMPLE.name, "sample"))


@guarded("Choose a table")
def choose_table() -> None:
    """Work on the table that was chosen on the page."""
    number = st.session_state.get(CHOICE_KEY)
    if number is not None and number in desks() and number != current_number():
        choose_work(number)
        name = desks()[number].work.table.name
        log_event("nav", f"Chose {name}", filename=name)


@guarded("Remove a table")
def remove_table() -> None:
    """Let go of the table at work."""
    if (work := current_work()) is not None:
        remove_work()
        log_event("upload", f"Removed {work.table.name}", filename=work.table.name)


def _load(data: bytes, name: str, source: str, place: str = "") -> str:
    """Load one file. Returns what is wrong with it, or nothing."""
    start = perf_counter()
    with progress(f"Reading {name}{place}") as tell:
        try:
            table = load_table(data, name, part(tell, 0, _READ))
        except TableError as error:
            log_event(
                "upload", f"Could not read {name}", level="warning", filename=name, bytes=len(data), source=source,
                reason=str(error), duration_ms=milliseconds(start),
            )  # fmt: skip
            return str(error)
        rows, columns = table.frame.shape
        log_event(
            "upload", f"Uploaded {name}" if source == "file" else f"Opened the sample {name}", filename=name,
            bytes=len(data), source=source, format=table.kind, encoding=table.encoding, delimiter=table.delimiter,
            rows=rows, columns=columns, duration_ms=milliseconds(start),
        )  # fmt: skip
    start = perf_counter()
    with progress(f"Looking through {name}{place}") as tell:
        analysis = analyse(table.frame, part(tell, _READ, 1))
    add_work(Work(table, analysis))
    log_event(
        "analyze", f"Analysed {name}", filename=name, rows=rows, columns=columns, findings=len(analysis.findings),
        missing=analysis.missing, duplicate_rows=analysis.duplicate_rows, kinds=analysis.kinds(),
        duration_ms=milliseconds(start),
    )  # fmt: skip
    return ""


def _escaped(name: str) -> str:
    """The name as Markdown shows it, whatever characters are in it."""
    return "".join(c if c.isalnum() or c in " .-" else f"\\{c}" if c.isascii() and c.isprintable() else c for c in name)
