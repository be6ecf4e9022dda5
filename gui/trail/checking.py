"""Verify: has somebody changed this log? The sidecar reads it; the page shows how far it is, and what came of it."""

import re
import time

import streamlit as st

from gui.audit import log_event
from gui.trail.inquiry import BEGINNING, Watched, job_sentence, silence_words
from gui.trail.trouble import plain
from gui.trail.verdict_words import Result, result_of
from shared.questions import Job, Verify

_EACH_S = 0.5
_HEAD = re.compile(r"[0-9a-f]{64}")
_SHOWN = 8
_STATE = "trail_check"


class Check(Watched):
    """The check of `run` that was asked for; `head` is to be looked for in it."""

    def __init__(self, run: str, head: str) -> None:
        super().__init__(Verify(run, head))
        self.run = run


def draw_checking(run: str, own_run: str) -> None:
    """Draw the section."""
    check: Check | None = st.session_state.get(_STATE)
    if check is not None and check.run != run:
        check = st.session_state[_STATE] = None
    with st.container(border=True, key="trail_verify"):
        st.subheader("Has anybody changed this log?", anchor=False)
        st.caption("Each line carries a fingerprint of the line before it. Verify reads the whole log and compares.")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(
                "A head that you noted earlier (optional)", key="trail_head", max_chars=80, placeholder="64 characters",
                help="With it, a log whose end was cut off or rewritten is found, too.",
            )  # fmt: skip
            st.button(
                "Verify",
                icon=":material/verified_user:",
                type="primary",
                key="trail_verify_button",
                on_click=_begin,
                args=(run,),
            )
        if check is not None:
            st.fragment(_draw_check, run_every=None if check.is_over else _EACH_S)(check, own_run)


def _begin(run: str) -> None:
    head = str(st.session_state.get("trail_head", "")).strip().lower()
    if head and not _HEAD.fullmatch(head):
        st.session_state[_STATE] = None
        st.toast("A head has 64 characters, 0 to 9 and a to f.", icon=":material/error:")
        return
    st.session_state[_STATE] = Check(run, head)
    log_event("tool_run", "Asked for the log to be verified", run=run, head=head)


def _draw_check(check: Check, own_run: str) -> None:
    if not check.is_over:
        check.ask()
        if check.is_over:
            # Nothing more to ask for: the next drawing is the last.
            st.rerun()
    if check.trouble is not None:
        st.warning(
            job_sentence(check.trouble, time.time(), is_own_run=check.run == own_run),
            icon=":material/hourglass_disabled:",
        )
    job = check.job
    if job is None:
        st.progress(0.0, BEGINNING)
    elif job.verdict is not None:
        _draw_result(result_of(job.verdict), job.verdict.head, is_open=job.verdict.state == "open")
    elif job.trouble:
        st.error(f"The log cannot be checked: {plain(job.trouble)}.", icon=":material/error:")
    else:
        st.progress(min(job.done / job.total, 1.0) if job.total else 0.0, progress_words(job))


def progress_words(job: Job) -> str:
    """`1.2 of 9.8 GB read`. Pure."""
    if not job.total:
        return f"{BEGINNING}{silence_words(job)}"
    unit, size = ("GB", 1e9) if job.total > 1e9 else ("MB", 1e6)  # noqa: PLR2004 - a GB
    return f"{job.done / size:,.1f} of {job.total / size:,.1f} {unit} read{silence_words(job)}"


def _draw_result(result: Result, head: str, *, is_open: bool) -> None:
    match result.kind:
        case "intact":
            st.success(result.headline, icon=":material/verified:")
        case "lossy":
            st.warning(result.headline, icon=":material/rule:")
        case "damaged":
            st.error(result.headline, icon=":material/gpp_bad:")
            st.caption("Keep the file as it is, and send it to whoever looks into it.")
    for text in result.details[:_SHOWN]:
        st.markdown(f"- {text}")
    if len(result.details) > _SHOWN:
        with st.expander(f"{len(result.details) - _SHOWN} more", type="compact"):
            st.markdown("\n".join(f"- {text}" for text in result.details[_SHOWN:]))
    if head:
        so_far = " so far: it is not closed yet" if is_open else ""
        st.markdown(f"**Head** of this log{so_far}")
        st.code(head, language=None, wrap_lines=True)
        st.caption(
            "Note it where nobody who can change the log can change it: in a mail, on paper. Typed in above at a later Verify, "
            "it shows whether the end was cut off or rewritten since, which nothing else can show."
        )
