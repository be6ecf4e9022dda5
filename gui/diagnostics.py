"""The audit trail's panel in the sidebar: refreshed each 0.7 s, from memory alone.

- It asks `audit_status()` and nothing else: no file under the audit directory is opened, listed or looked at.
- An error in it costs the panel one line, never the page.
"""

import time
from pathlib import Path

import streamlit as st

from gui.audit import AuditStatus, audit_log_dir, audit_status, log_event, log_exception
from gui.folder import open_folder
from gui.status_words import describe, lost_words, notice_words

# A change must be seen within 2 s, of which a stall takes 1 s to be one.
REFRESH_S = 0.7
_REPORTED = "panel_error_reported"


@st.fragment(run_every=REFRESH_S)
def panel() -> None:
    """Draw the panel; call it inside the sidebar."""
    try:
        draw(audit_status(), audit_log_dir())
    except Exception as error:  # noqa: BLE001 the page is worth more than its panel; recorded, once a session
        if not st.session_state.get(_REPORTED):
            st.session_state[_REPORTED] = True
            log_exception("Diagnostics panel", error)
        st.caption("The state of the audit trail cannot be shown just now. Your work is not affected.")


def draw(status: AuditStatus, folder: Path) -> None:
    """Draw one state of the audit trail."""
    words = describe(status, time.time())
    st.badge(words.label, icon=words.icon, color=words.color)
    if words.sentence:
        st.caption(words.sentence)
    if lost := lost_words(status):
        st.caption(f":red[:material/warning: {lost}]")
    if notice := notice_words(status):
        st.caption(f":orange[:material/report: {notice}]")
    with st.grid(3, min_column_width=56, gap="xsmall"):
        st.metric("Waiting", f"{status.pending:,}")
        st.metric("On disk", f"{status.durable:,}")
        st.metric("Lost", f"{status.lost:,}")
    _log_file(status, folder)


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
