"""What one browser session works on: its tables, and for each what was made of it.

Values are frozen and replaced as a whole, never changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd
import streamlit as st

from gui.analysis import Analysis
from gui.cleaning import Change, Cleaned
from gui.deduplication import Groups, Matching
from gui.table import Table

_TABLES = "tables"
_CURRENT = "current_table"
_NUMBER = "table_number"


@dataclass(frozen=True)
class Work:
    """A loaded table and what was found in it."""

    table: Table
    analysis: Analysis


@dataclass(frozen=True)
class Result:
    """A cleaned table, its first changes, and what its download is named, without an extension."""

    cleaned: Cleaned
    changes: list[Change]
    stem: str


@dataclass(frozen=True)
class Duplicates:
    """The rows of a table that are the same, and what makes them so.

    `chosen` is, by group, the row that stays where somebody chose it; None stands for all of them. `search` is another
    number each time that somebody looks.
    """

    matching: Matching
    groups: Groups
    search: int
    chosen: Mapping[int, int | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Deduplicated:
    """A table without `removed` of its rows, and what its download is named, without an extension."""

    frame: pd.DataFrame
    removed: int
    stem: str


@dataclass(frozen=True)
class Desk:
    """A table and what was made of it so far."""

    work: Work
    result: Result | None = None
    duplicates: Duplicates | None = None
    deduplicated: Deduplicated | None = None


def desks() -> dict[int, Desk]:
    """By its number, each table of this session, the first loaded first."""
    found: dict[int, Desk] = st.session_state.get(_TABLES, {})
    return found


def current_number() -> int | None:
    """Number of the table at work, if there is one."""
    number: int | None = st.session_state.get(_CURRENT)
    return number


def current_desk() -> Desk | None:
    """Return the table at work with what was made of it, if there is one."""
    number = current_number()
    return None if number is None else desks()[number]


def current_work() -> Work | None:
    """Return the table at work, if there is one."""
    desk = current_desk()
    return None if desk is None else desk.work


def add_work(work: Work) -> None:
    """Take in another table, and work on it from now on."""
    number = next_number()
    st.session_state[_TABLES] = {**desks(), number: Desk(work)}
    st.session_state[_CURRENT] = number


def choose_work(number: int) -> None:
    """Work on another one of the tables from now on."""
    if number in desks():
        st.session_state[_CURRENT] = number


def remove_work() -> None:
    """Forget the table at work and what was made of it; the last of the others is at work then."""
    left = {number: desk for number, desk in desks().items() if number != current_number()}
    st.session_state[_TABLES] = left
    st.session_state[_CURRENT] = next(reversed(left), None)


def keep_result(result: Result) -> None:
    """Keep the cleaned table."""
    _keep(result=result)


def keep_duplicates(duplicates: Duplicates) -> None:
    """Keep what was found; what was removed before is forgotten."""
    _keep(duplicates=duplicates, deduplicated=None)


def keep_deduplicated(deduplicated: Deduplicated) -> None:
    """Keep the table without its duplicates."""
    _keep(deduplicated=deduplicated)


def next_number() -> int:
    """A number that this session has not had yet."""
    number = int(st.session_state.get(_NUMBER, 0)) + 1
    st.session_state[_NUMBER] = number
    return number


def _keep(**made: object) -> None:
    number, desk = current_number(), current_desk()
    if number is not None and desk is not None:
        st.session_state[_TABLES] = {**desks(), number: replace(desk, **made)}  # type: ignore[arg-type]
