"""A picture of the calls of all alternatives."""

from collections.abc import Mapping

import altair as alt

from tests.benchmarks.inside import Metrics
from tests.benchmarks.suite import PATTERNS


def plot(results: Mapping[str, list[Metrics]]) -> alt.Chart:
    """p50 and p99 of each round as a dot."""
    dots = [
        {"pattern": pattern, "alternative": name, "microseconds": row[metric] * 1e6, "quantile": metric}
        for trial, rows in results.items()
        for pattern, _, name in [trial.partition(": ")]
        if pattern in PATTERNS
        for row in rows
        for metric in ("p50", "p99")
    ]
    by_median = alt.EncodingSortField("microseconds", "median")
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=dots), title="What a call costs its caller; each dot is a round", width=640)
        .mark_point(filled=True, opacity=0.7, size=60)
        .encode(
            x=alt.X("microseconds:Q", scale=alt.Scale(type="log"), title="microseconds, logarithmic"),
            y=alt.Y("alternative:N", title=None, axis=alt.Axis(labelLimit=320), sort=by_median),
            color=alt.Color("quantile:N", title=None),
            tooltip=["alternative:N", "quantile:N", "microseconds:Q"],
            row=alt.Row("pattern:N", title=None, sort=[*PATTERNS], header=alt.Header(labelOrient="top")),
        )
    )
    return chart
