"""The audit trail's panel in the sidebar: refreshed each 0.5 s, from memory alone.

- It asks `audit_status()` and nothing else: no file under the audit directory is opened, listed or looked at.
- An error in it costs the panel one line, never the page.
"""

import time
from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gui.audit import AuditStatus, Sample, audit_history, audit_log_dir, audit_status, log_event, log_exception
from gui.ending import is_ending
from gui.folder import open_folder
from gui.history_chart import draw_history
from gui.status_words import Words, describe, forwarding_words, lost_words, notice_words

# A change must be seen within 2 s, of which a stall takes 1 s to be one.
REFRESH_S = 0.5
_BOXES = {"green": st.success, "orange": st.warning, "red": st.error, "gray": st.info}
_REPORTED = "panel_error_reported"


@st.fragment(run_every=REFRESH_S)
def panel(place: DeltaGenerator) -> None:
    """Draw the panel; call it inside the sidebar. In trouble, `place` on the page says so: a phone hides the sidebar."""
    if is_ending():
        # Somebody pressed Shut down in another tab: the whole page says goodbye.
        st.rerun()
    try:
        status = audit_status()
        draw(status, audit_log_dir(), audit_history())
        _draw_badge(describe(status, time.time()), place)
    except Exception as error:  # noqa: BLE001 the page is worth more than its panel; recorded, once a session
        if not st.session_state.get(_REPORTED):
            st.session_state[_REPORTED] = True
            log_exception("Diagnostics panel", error)
        st.caption("The state of the audit trail cannot be shown just now. Your work is not affected.")


def draw(status: AuditStatus, folder: Path, history: Sequence[Sample] = ()) -> None:
    """Draw one state of the audit trail."""
    words = describe(status, time.time())
    _BOXES[words.color](words.label, icon=words.icon)
    if words.sentence:
        st.caption(words.sentence)
    # No captions, whose colours are too pale to be read.
    if lost := lost_words(status):
        st.markdown(f":small[:red[:material/warning: {lost}]]")
    if notice := notice_words(status):
        st.markdown(f":small[:orange[:material/report: {notice}]]")
    forwarding, in_trouble = forwarding_words(status)
    if in_trouble:
        st.markdown(f":small[:orange[:material/cloud_off: {forwarding}]]")
    elif forwarding:
        st.caption(forwarding)
    with st.grid(3, min_column_width=56, gap="xsmall"):
        st.metric("Waiting", f"{status.pending:,}")
        st.metric("On disk", f"{status.durable:,}")
        st.metric("Lost", f"{status.lost:,}")
    draw_history(history)
    _log_file(status, folder)


def _draw_badge(words: Words, place: DeltaGenerator) -> None:
    if words.color in {"orange", "red"}:
        place.badge(words.short, icon=words.icon, color=words.color)
    else:
        place.empty()


def _log_file(status: AuditStatus, folder: Path) -> None:
    st.caption("Log of this run")
    st.code(str(status.log_path), language=None, wrap_lines=True)
    if st.button("Open log folder", icon=":material/folder_open:", key="open_log_folder", width="stretch"):
        log_event("nav", "Opened the log folder")
        st.toast(open_folder(folder), icon=":material/folder_open:")
    if status.head:
        with st.expander(f"Head {status.head[:12]}…", icon=":material/fingerprint:", key="audit_head", type="compact"):
            st.caption(
                "Note it elsewhere: `python -m sidecar verify --head` then shows a log that was cut or rewritten."
            )
            st.code(status.head, language=None, wrap_lines=True)
