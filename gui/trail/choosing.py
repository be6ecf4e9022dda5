"""The page's filters. They stand in the page's address, so that a link shows others the same."""

from collections.abc import Iterable
from datetime import datetime

import streamlit as st

from gui.trail.filters import ANY_TIME, CATEGORIES, CUSTOM, LEVELS, SPANS, Choice, name_of, options, run_of
from shared.questions import Row, RunFiles


def choose(own_run: str, runs: list[RunFiles], rows: Iterable[Row]) -> Choice:
    """Draw the filters and return what they say; `rows` are those shown just now, whose words can be chosen."""
    rows = list(rows)
    if "run" in st.session_state and not st.session_state["run"]:
        # Not the widget's default, which would not stand in the address: a link must name the run.
        st.session_state["run"] = name_of(own_run)
    with st.container(border=True, key="trail_filters"), st.grid(4, min_column_width=150) as grid:
        run = grid.cell(column_span=2).selectbox(
            "Run", _names(own_run, runs), key="run", bind="query-params", index=None, placeholder="This run",
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
    if run is None:
        # Only a widget that was there before takes a value that also goes into the address.
        st.rerun()
    return Choice(run_of(run) or own_run, span or ANY_TIME, since, until, categories, levels, sessions, text)


def _names(own_run: str, runs: list[RunFiles]) -> list[str]:
    asked_for = (st.query_params.get("run"), st.session_state.get("run"))
    named = [each for each in asked_for if each and run_of(each)]
    return list(dict.fromkeys([name_of(own_run), *(name_of(each.run) for each in runs), *named]))


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
