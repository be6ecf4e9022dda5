"""What one browser session works on. Values are frozen and replaced as a whole, never changed."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from gui.analysis import Analysis
from gui.cleaning import Change, Cleaned
from gui.deduplication import Groups, Matching
from gui.table import Table

_WORK = "work"
_RESULT = "result"
_DUPLICATES = "duplicates"
_DEDUPLICATED = "deduplicated"


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


@dataclass(frozen=True)
class Duplicates:
    """The rows of the loaded table that are the same, and what makes them so."""

    matching: Matching
    groups: Groups


@dataclass(frozen=True)
class Deduplicated:
    """The loaded table without `removed` of its rows, and what its download is named, without an extension."""

    frame: pd.DataFrame
    removed: int
    stem: str


def current_work() -> Work | None:
    """Return the loaded table, if there is one."""
    work: Work | None = st.session_state.get(_WORK)
    return work


def current_result() -> Result | None:
    """Return the cleaned table, if the loaded one was cleaned."""
    result: Result | None = st.session_state.get(_RESULT)
    return result


def current_duplicates() -> Duplicates | None:
    """Return what was found when duplicates were looked for in the loaded table."""
    duplicates: Duplicates | None = st.session_state.get(_DUPLICATES)
    return duplicates


def current_deduplicated() -> Deduplicated | None:
    """Return the table without its duplicates, if they were removed."""
    deduplicated: Deduplicated | None = st.session_state.get(_DEDUPLICATED)
    return deduplicated


def keep_work(work: Work | None) -> None:
    """Work on another table from now on; the results of the one before are forgotten."""
    st.session_state[_WORK] = work
    st.session_state[_RESULT] = None
    keep_duplicates(None)


def keep_result(result: Result) -> None:
    """Keep the cleaned table."""
    st.session_state[_RESULT] = result


def keep_duplicates(duplicates: Duplicates | None) -> None:
    """Keep what was found; what was removed before is forgotten."""
    st.session_state[_DUPLICATES] = duplicates
    st.session_state[_DEDUPLICATED] = None


def keep_deduplicated(deduplicated: Deduplicated) -> None:
    """Keep the table without its duplicates."""
    st.session_state[_DEDUPLICATED] = deduplicated
