"""How long after the call an event is acknowledged, on a system that does nothing else."""

from tests.benchmarks.inside import Metrics
from tests.benchmarks.suite import Figure, Options, Row, Trial, measured

EVENTS, QUICK_EVENTS = 50, 3
NAME = "acknowledged"


def acknowledged(options: Options) -> Metrics:
    events = QUICK_EVENTS if options.quick else EVENTS
    return measured("audited", "acknowledged", sidecar=True, writes=True, events=events)


TRIALS = [Trial(NAME, acknowledged)]
ROWS = [
    Row(
        "latency",
        "log_event to acknowledged p50 / one fsync",
        Figure(NAME, "p50"),
        "ms",
        3.0,
        Figure(NAME, "fsync p50"),
    )
]
