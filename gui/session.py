"""What one browser session works on. It is one value, kept by one assignment: Streamlit may end a run at any other point."""

import streamlit as st

from gui.bench import Bench, Desk, Work

_BENCH = "bench"


def current_bench() -> Bench:
    """All tables of this session, and what is to be done."""
    bench: Bench = st.session_state.get(_BENCH) or Bench()
    return bench


def keep_bench(bench: Bench) -> bool:
    """Go on with `bench` from now on. Returns whether it is another one than before."""
    before = current_bench()
    st.session_state[_BENCH] = bench
    return bench is not before


def current_desk() -> Desk | None:
    """Return the table at work with what was made of it, if there is one."""
    return current_bench().desk


def current_work() -> Work | None:
    """Return the table at work, if there is one."""
    desk = current_desk()
    return None if desk is None else desk.work
