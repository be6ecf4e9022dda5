"""The timeline: how many lines when, stacked by category, with errors and gaps marked."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import altair as alt
import pandas as pd

from gui.status_words import count
from gui.trail.filters import CATEGORIES, options
from gui.trail.view import Cells, View, summed
from shared.questions import WIDTHS, Gap, Tally

# As many bars as can be told apart.
_MOST_BARS = 60
# So wide is the picture at least, however few of them there are.
_LEAST_BARS = 12
_HEIGHT = 240
_ERROR_COLOR, _GAP_COLOR = "#dc2626", "#ea580c"
_SPANS = {1: "second", 60: "minute", 3600: "hour", 86_400: "day", 604_800: "week"}


def bars(view: View) -> tuple[int, Cells]:
    """The counts in as few spans as a picture has room for, and how many seconds each of them is. Pure."""
    starts = [start for start, _ in view.cells]
    length = max(starts, default=0) - min(starts, default=0)
    fitting = (width for width in WIDTHS if width >= view.width and length / width <= _MOST_BARS)
    width = next(fitting, WIDTHS[-1])
    tallies = [Tally(start, category, *numbers) for (start, category), numbers in view.cells.items()]
    return width, summed(tallies, width)


def span_words(width: int) -> str:
    """`minute`, `15 minutes`: what a bar stands for. Pure."""
    unit = max(each for each in _SPANS if width % each == 0)
    return _SPANS[unit] if width == unit else f"{width // unit} {_SPANS[unit]}s"


def axis_format(view: View) -> str:
    """How times are written below the picture: as much of them as its length needs. Pure."""
    starts = [start for start, _ in view.cells]
    length = timedelta(seconds=max(starts) - min(starts))
    if length < timedelta(minutes=5):
        return "%H:%M:%S"
    return "%H:%M" if length < timedelta(days=1) else "%b %d %H:%M" if length < timedelta(days=14) else "%Y-%m-%d"


def gap_words(gap: Gap) -> str:
    """`5 events lost: outbox full`. Pure."""
    return f"{count(gap.last - gap.first + 1, 'event')} lost: {gap.reason}"


def chart(view: View) -> alt.LayerChart | alt.FacetChart:
    """The picture; there must be something to show."""
    width, cells = bars(view)
    frame = _frame(cells, width)
    present = set(frame["category"])
    domain = options(CATEGORIES, list(present))
    time = alt.X(
        "from:T",
        title=None,
        scale=alt.Scale(type="utc", domain=_domain(cells, width)),
        axis=alt.Axis(grid=False, labelOverlap=True, format=axis_format(view)),
    )
    stacks = (
        alt.Chart(frame)
        .mark_rect()
        .encode(
            x=time,
            x2="to:T",
            y=alt.Y(
                "bottom:Q",
                title="Lines",
                axis=alt.Axis(tickMinStep=1, tickCount=4, labelExpr="format(datum.value, '.3~s')"),
            ),
            y2="top:Q",
            color=alt.Color(
                "category:N",
                scale=alt.Scale(domain=domain),
                legend=alt.Legend(
                    title=None, orient="bottom", columns=4, values=[each for each in domain if each in present]
                ),
            ),
            tooltip=[
                alt.Tooltip("time:N", title="From (UTC)"),
                alt.Tooltip("category:N", title="Category"),
                alt.Tooltip("lines:Q", title="Lines", format=","),
                alt.Tooltip("errors:Q", title="Errors among them", format=","),
            ],
        )
    )
    return alt.layer(stacks, *_error_marks(frame, width), *_gap_marks(view.gaps)).properties(height=_HEIGHT)


def _domain(cells: Cells, width: int) -> list[str]:
    """From the first bar to the last one; a bar alone is no wall."""
    starts = [start for start, _ in cells]
    end = max(max(starts) + width, min(starts) + _LEAST_BARS * width)
    return [_moment(each).isoformat() for each in (min(starts), end)]


def _frame(cells: Cells, width: int) -> pd.DataFrame:
    """A rectangle for each count, those of one span upon each other."""
    tops: dict[int, int] = {}
    rectangles = []
    for (start, category), (lines, _, errors) in sorted(cells.items()):
        bottom = tops.get(start, 0)
        tops[start] = bottom + lines
        # A little less than its width, so that bars can be told apart.
        begin, end = _moment(start + width * 0.04), _moment(start + width * 0.96)
        rectangles.append(
            (begin, end, f"{_moment(start):%Y-%m-%d %H:%M:%S}", category, lines, errors, bottom, tops[start])
        )
    return pd.DataFrame(rectangles, columns=["from", "to", "time", "category", "lines", "errors", "bottom", "top"])


def _error_marks(frame: pd.DataFrame, width: int) -> list[alt.Chart]:
    sums = frame.groupby("from", as_index=False).agg({"lines": "sum", "errors": "sum"})
    found = sums[sums["errors"] > 0]
    if found.empty:
        return []
    found = found.assign(middle=found["from"] + timedelta(seconds=width * 0.46))
    tooltip = [alt.Tooltip("errors:Q", title="Errors", format=",")]
    mark = alt.Chart(found).mark_point(
        shape="triangle-down", filled=True, size=70, opacity=1, color=_ERROR_COLOR, yOffset=-8
    )
    return [mark.encode(x="middle:T", y="lines:Q", tooltip=tooltip)]


def _gap_marks(gaps: Sequence[Gap]) -> list[alt.Chart]:
    marked = [(moment, gap_words(gap)) for gap in gaps if (moment := _time_of(gap))]
    if not marked:
        return []
    mark = alt.Chart(pd.DataFrame(marked, columns=["at", "lost"])).mark_rule(
        strokeWidth=2, strokeDash=[4, 3], color=_GAP_COLOR
    )
    return [mark.encode(x="at:T", tooltip=[alt.Tooltip("lost:N", title="Gap")])]


def _time_of(gap: Gap) -> datetime | None:
    try:
        return datetime.fromisoformat(gap.ts)
    except ValueError:
        # Not as a sidecar writes it: it has no place in the picture, and one among the lines.
        return None


def _moment(seconds: float) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
