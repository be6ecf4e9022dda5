"""A small chart of the audit trail's last minutes: what waits, and what reaches the disk."""

import itertools
import math
from collections.abc import Sequence

import altair as alt
import pandas as pd
import streamlit as st

from gui.audit import Sample

HEIGHT = 130
MINUTES = 5
_WAITING, _RECORDED = "Waiting", "On disk, per second"
# Never another one: with it, the buttons at the chart would be new ones, and take the focus from who is just there by keyboard.
_ALT = "How many events waited, and how many a second reached the disk, in the last minutes"
# Read in the light and in the dark, and told apart by who does not see colours.
_COLOURS = {_WAITING: "#d97706", _RECORDED: "#0d9488"}


def draw_history(history: Sequence[Sample]) -> None:
    """Draw `history`, oldest first; with fewer than two samples there is nothing to draw yet."""
    if len(history) > 1:
        st.altair_chart(_chart(history), width="stretch", alt=_ALT)


def events_of(history: Sequence[Sample]) -> pd.DataFrame:
    """By minutes before now: how many waited then, and how many a second had become durable since the sample before."""
    now = history[-1].at
    rows = [
        ((after.at - now) / 60, what, amount)
        for before, after in itertools.pairwise(history)
        for what, amount in (
            (_WAITING, float(after.waiting)),
            (_RECORDED, (after.durable - before.durable) / (after.at - before.at)),
        )
    ]
    return pd.DataFrame(rows, columns=["minutes", "what", "events"])


def _chart(history: Sequence[Sample]) -> alt.Chart:
    frame = events_of(history)
    most = max(1, math.ceil(frame["events"].max()))
    times = alt.Axis(values=[-MINUTES, 0], labelExpr="datum.value < 0 ? '5 min ago' : 'now'", grid=False)
    colour = alt.Color(
        "what:N",
        scale=alt.Scale(domain=list(_COLOURS), range=list(_COLOURS.values())),
        legend=alt.Legend(orient="top", title=None, symbolType="stroke", offset=2, padding=0),
    )
    dash = alt.StrokeDash("what:N", scale=alt.Scale(domain=list(_COLOURS), range=[[1, 0], [4, 2]]), legend=None)
    chart: alt.Chart = (
        alt.Chart(frame, height=HEIGHT)
        .mark_line(interpolate="step-before", strokeWidth=1.5)
        .encode(
            x=alt.X("minutes:Q", title=None, axis=times, scale=alt.Scale(domain=[-MINUTES, 0])),
            y=alt.Y(
                "events:Q",
                title=None,
                axis=alt.Axis(values=[0, most], labelExpr="format(datum.value, '.3~s')"),
                scale=alt.Scale(domain=[0, most]),
            ),
            color=colour,
            strokeDash=dash,
            tooltip=alt.value(None),
        )
    )
    return chart
