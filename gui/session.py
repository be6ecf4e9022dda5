"""What one browser session works on. Values are frozen and replaced as a whole, never changed."""

from dataclasses import dataclass

import streamlit as st

from gui.analysis import Analysis
from gui.cleaning import Change, Cleaned
from gui.table import Table

_WORK = "work"
_RESULT = "result"


@dataclass(frozen=True)
class Work:
    """A loaded table and what was found in it."""

    table: Table
    analysis: Analysis


@dataclass(frozen=True)
class Result:
    """A cleaned table, its first changes, and the bytes of its download."""

    cleaned: Cleaned
    changes: list[Change]
    data: bytes
    file_name: str


def current_work() -> Work | None:
    """Return the loaded table, if there is one."""
    work: Work | None = st.session_state.get(_WORK)
    return work


def current_result() -> Result | None:
    """Return the cleaned table, if the loaded one was cleaned."""
    result: Result | None = st.session_state.get(_RESULT)
    return result


def keep_work(work: Work | None) -> None:
    """Work on another table from now on; the result of the one before is forgotten."""
    st.session_state[_WORK] = work
    st.session_state[_RESULT] = None


def keep_result(result: Result) -> None:
    """Keep the cleaned table."""
    st.session_state[_RESULT] = result
