"""Long work: done where the page will show what comes of it, under a bar, once for each time that it is wanted.

- What is wanted stands in the session until it is done. A click that ends the run, on whatever, makes it begin anew
  when a page that shows it is drawn again; Stop makes an end of it.
- A click starts the next run while the last one still works, up to the next thing that it draws. So each waits for the
  other, and looks again whether the work is still to be done.
- Each beginning is in the audit trail by one event with its outcome: ok, error or stopped.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import perf_counter

import streamlit as st

from gui.audit import log_event, log_exception
from gui.errors import CALM, guarded, say_trouble
from gui.progress import milliseconds, progress
from gui.telling import Tell

_LOCK = "work_lock"


@dataclass(frozen=True)
class Job:
    """Something long to do with the file `filename`. `text` stands over the bar, `category` is the event's.

    `do` works, keeps what came of it by one assignment to the session at the end, and logs that; it returns False if that
    was not wanted any more. `drop` makes it unwanted.
    """

    text: str
    category: str
    filename: str
    do: Callable[[Tell], bool]
    drop: Callable[[], None]


def carry_out(find: Callable[[], Job | None]) -> None:
    """Do what `find` says is wanted, if anything, and draw the page anew."""
    job = find()
    if job is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="work"):
        bar = st.container()
        st.button("Stop", icon=":material/stop_circle:", key="stop_work", on_click=partial(_stop, job.drop))
    with bar, progress(job.text) as tell, _lock():
        # Another run may have done it before it let go.
        if (job := find()) is not None:
            _do(job, tell)
    st.rerun()


@guarded("Stop")
def _stop(drop: Callable[[], None]) -> None:
    drop()


def _do(job: Job, tell: Tell) -> None:
    start = perf_counter()
    try:
        if not job.do(tell):
            _note_stopped(job, start)
    except Exception as error:  # noqa: BLE001 the rest of the page goes on
        log_exception(job.text, error, filename=job.filename, outcome="error", duration_ms=milliseconds(start))
        job.drop()
        say_trouble(CALM)
    except BaseException:
        # Another click, or the browser has gone.
        _note_stopped(job, start)
        raise


def _note_stopped(job: Job, start: float) -> None:
    log_event(
        job.category, f"Stopped: {job.text}", filename=job.filename, outcome="stopped", duration_ms=milliseconds(start)
    )  # fmt: skip


def _lock() -> threading.Lock:
    if _LOCK not in st.session_state:
        st.session_state[_LOCK] = threading.Lock()
    lock: threading.Lock = st.session_state[_LOCK]
    return lock
