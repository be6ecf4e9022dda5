"""Fifty GUI processes at once on one sidecar."""

from contextlib import ExitStack
from functools import partial

from tests.benchmarks.inside import Metrics
from tests.benchmarks.suite import Figure, Options, Row, Trial, child, go_on, outcome
from tests.support.processes import Pair

GUIS, QUICK_GUIS = 50, 3
EVENTS, QUICK_EVENTS, PACE_S = 1_000, 50, 0.005
ALONE, CROWD = "1 GUI at 200 events/s", "50 GUIs at 200 events/s"


def guis(many: int, options: Options) -> Metrics:
    events = QUICK_EVENTS if options.quick else EVENTS
    with ExitStack() as stack:
        pair = Pair(stack)
        pair.ready_sidecar()
        started = []
        for _ in range(min(many, QUICK_GUIS) if options.quick else many):
            started.append(child(pair, "audited", "steady", events=events, pace_s=PACE_S))
            # One after another: fifty interpreters that start at once hold up each other for longer than they log.
            started[-1].wait_for_line("begun")
        for each in started:
            go_on(each)
        measured = [outcome(each) for each in started]
        written = sum(line.count(b'"category":"tool_run"') for path in pair.log_files() for line in path.open("rb"))
        missing = len(started) * events - written + sum(each["missing"] for each in measured)
        return {"worst p50": max(each["p50"] for each in measured), "lost": missing}


TRIALS = [Trial(ALONE, partial(guis, 1)), Trial(CROWD, partial(guis, GUIS), rounds=3)]
ROWS = [
    Row("many", "50 GUIs: events lost", Figure(CROWD, "lost"), "", 0),
    Row(
        "many",
        "50 GUIs: the slowest one's p50 / alone",
        Figure(CROWD, "worst p50"),
        "µs",
        1.5,
        Figure(ALONE, "worst p50"),
    ),
]
