"""The page's filters. They stand in the page's address, so that a link shows others the same."""

from collections.abc import Iterable
from datetime import datetime

import streamlit as st

from gui.trail.filters import ANY_TIME, CATEGORIES, CUSTOM, LEVELS, SPANS, Choice, name_of, options, run_of
from shared.questions import Row, RunFiles

_KEPT = "trail_run_kept"


def choose(own_run: str, runs: list[RunFiles], rows: Iterable[Row]) -> Choice:
    """Draw the filters and return what they say; `rows` are those shown just now, whose words can be chosen."""
    rows = list(rows)
    names = _names(own_run, runs)
    with st.container(border=True, key="trail_filters"), st.grid(4, min_column_width=150) as grid:
        name = grid.cell(column_span=2).selectbox(
            "Run", names, names.index(_asked_for() or name_of(own_run)), key="trail_run",
            help="One life of this program: when it started (UTC), and the end of its id.",
        )  # fmt: skip
        span = st.selectbox("Time", list(SPANS), key="time", bind="query-params")
        since, until = _between() if span == CUSTOM else (None, None)
        categories = _several("Category", "category", options(CATEGORIES, [row.category for row in rows]))
        levels = _several("Level", "level", options(LEVELS, [row.level for row in rows]))
        sessions = _several("Session", "session", options([], [row.session for row in rows]))
        text = grid.cell(column_span=2).text_input(
            "Text", key="text", bind="query-params", max_chars=100, placeholder="In message or details",
            icon=":material/search:",
        )  # fmt: skip
    st.session_state[_KEPT] = name
    if st.query_params.get("run") != name:
        # By hand: what is bound leaves its default out of the address, but a link must name the run.
        st.query_params["run"] = name
    return Choice(run_of(name) or own_run, span or ANY_TIME, since, until, categories, levels, sessions, text)


def _asked_for() -> str:
    """The name of the run in the address, or of the one that was shown when this page was left; empty for none."""
    name = st.query_params.get("run") or str(st.session_state.get(_KEPT, ""))
    return name_of(run_of(name))


def _names(own_run: str, runs: list[RunFiles]) -> list[str]:
    shown = [name_of(own_run), *(name_of(each.run) for each in runs), _asked_for()]
    return list(dict.fromkeys(filter(None, shown)))


def _between() -> tuple[datetime | None, datetime | None]:
    since = st.datetime_input("From (UTC)", None, key="since", bind="query-params", step=60, format="YYYY-MM-DD")
    until = st.datetime_input("To (UTC)", None, key="until", bind="query-params", step=60, format="YYYY-MM-DD")
    return since, until


def _several(label: str, key: str, known: list[str]) -> tuple[str, ...]:
    chosen = st.multiselect(
        label, options(known, st.query_params.get_all(key), st.session_state.get(key) or []), key=key,
        bind="query-params", placeholder="Any", max_selections=16,
    )  # fmt: skip
    return tuple(chosen)
