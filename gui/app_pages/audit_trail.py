"""Audit trail: what was done, as the sidecar wrote it. Asked from the sidecar; this process reads no log."""

import streamlit as st

from gui.audit import audit_status
from gui.trail.bundling import draw_bundling
from gui.trail.checking import draw_checking
from gui.trail.choosing import choose
from gui.trail.following import Following
from gui.trail.live import draw_live

_EACH_S = 1.0


def show() -> None:
    """Draw the page."""
    own_run = audit_status().run
    following: Following = st.session_state.setdefault("trail_following", Following())
    following.list_runs()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("What was done in this program, as it stands in its log. Times are UTC.", width="stretch")
        paused = st.toggle("Pause", key="trail_pause", help="Stop following what is written.")
    choice = choose(own_run, following.runs, following.view.rows)
    following.choose(choice)
    st.fragment(draw_live, run_every=None if paused else _EACH_S)(following, own_run, paused=paused)
    draw_checking(choice.run, own_run)
    draw_bundling(choice.run, own_run, following.runs)


show()
