"""Charts of a table: where its troubles are, where values are missing, how a column's values are spread.

Each has an alternative text. Colours are the theme's own; a label that is long is cut, so that bars have room at 420 px.
"""

from collections import Counter
from collections.abc import Mapping

import altair as alt
import pandas as pd
import streamlit as st

from gui.analysis import Analysis, Column
from gui.characters import visible
from gui.distribution import Bar
from gui.status_words import count

# More bars than a screen has room for.
MAX_COLUMNS = 20
_LABEL_CHARACTERS = 24
_LABEL_PIXELS = 130
_BAR_PIXELS = 22
_HISTOGRAM_PIXELS = 220


def draw_troubles(analysis: Analysis) -> None:
    """Draw how many cells or rows have each kind of trouble; nothing where there is none."""
    if kinds := analysis.kinds():
        st.markdown("**Troubles by kind**")
        worst = max(kinds, key=kinds.__getitem__)
        _draw_bars(kinds, "Cells or rows", f"Troubles by kind; the most common is {worst}, {kinds[worst]:,}")
    columns: Counter[str] = Counter()
    for finding in analysis.findings:
        if finding.column:
            columns[finding.column] += finding.count
    if columns:
        st.markdown("**Troubles by column**")
        _draw_first(columns, "Cells", "Troubles by column")


def draw_missing(analysis: Analysis) -> None:
    """Draw how many values each column lacks."""
    st.markdown("**Missing values by column**")
    missing = Counter({column.name: column.missing for column in analysis.columns if column.missing})
    if not missing:
        st.caption("No column lacks a value.")
        return
    _draw_first(missing, "Missing", "Missing values by column")


def draw_spread(column: Column) -> None:
    """Draw how the values of a column are spread."""
    spread = column.spread
    if not spread.bars:
        st.caption("This column is empty.")
        return
    if spread.kind == "texts":
        bars: Counter[str] = Counter()
        for bar in spread.bars:
            bars[visible(bar.label, _LABEL_CHARACTERS)] += bar.rows
        _draw_bars(bars, "Rows", f"The most common values of {column.name}")
    else:
        _draw_histogram(
            spread.bars, f"How the values of {column.name} are spread, over {count(len(spread.bars), 'bar')}"
        )
    if spread.others:
        st.caption(f"{count(spread.others, 'more row')} with other values.")
    if column.missing:
        st.caption(f"{count(column.missing, 'row')} without a value.")


def _draw_first(amounts: Counter[str], unit: str, description: str) -> None:
    first = amounts.most_common(MAX_COLUMNS)
    name, most = first[0]
    _draw_bars(dict(first), unit, f"{description}; the most are in {name}, {most:,}")
    if len(amounts) > len(first):
        st.caption(f"The first {len(first)} of {count(len(amounts), 'column')}.")


def _draw_bars(amounts: Mapping[str, int], unit: str, description: str) -> None:
    """Bars that lie, the longest first, each with its amount."""
    frame = pd.DataFrame({"name": list(amounts), unit: list(amounts.values())})
    base = alt.Chart(frame, height=alt.Step(_BAR_PIXELS)).encode(
        y=alt.Y("name:N", sort="-x", title=None, axis=alt.Axis(labelLimit=_LABEL_PIXELS)),
        x=alt.X(f"{unit}:Q", title=unit, axis=alt.Axis(tickMinStep=1, format="~s", tickCount=4)),
        tooltip=[alt.Tooltip("name:N", title="What"), alt.Tooltip(f"{unit}:Q", format=",")],
    )
    st.altair_chart(base.mark_bar(), alt=description)


def _draw_histogram(bars: tuple[Bar, ...], description: str) -> None:
    frame = pd.DataFrame({"value": [bar.label for bar in bars], "Rows": [bar.rows for bar in bars]})
    chart = (
        alt.Chart(frame, height=_HISTOGRAM_PIXELS)
        .mark_bar()
        .encode(
            x=alt.X("value:O", sort=None, title=None, axis=alt.Axis(labelAngle=-45, labelOverlap=True)),
            y=alt.Y("Rows:Q", axis=alt.Axis(tickMinStep=1, format="~s")),
            tooltip=[alt.Tooltip("value:O", title="Value"), alt.Tooltip("Rows:Q", format=",")],
        )
    )
    st.altair_chart(chart, alt=description)
