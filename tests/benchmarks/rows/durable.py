"""How many events a second become durable, and how many a bare loop makes of the same work."""

from contextlib import ExitStack
from functools import partial

from tests.benchmarks.inside import Metrics
from tests.benchmarks.suite import Figure, Options, Row, Trial, child, measured, outcome
from tests.support.processes import Pair

FEW, QUICK_EVENTS, BARE_EVENTS = 10_000, 2_000, 200_000
BARE = "durable: a bare loop"
SMALL, LARGE = "durable: the first 10,000", "durable: as many as --events says"


def durable(options: Options, *, many: bool) -> Metrics:
    events = QUICK_EVENTS if options.quick else options.events if many else FEW
    return {**measured("audited", "durable", sidecar=True, events=events), "events": events}


def bare_loop(options: Options) -> Metrics:
    """One process sends ready frames, another receives, decodes, encodes, hashes, writes and fsyncs."""
    events = QUICK_EVENTS if options.quick else BARE_EVENTS
    with ExitStack() as stack:
        pair = Pair(stack)
        receiving = child(pair, "bare", "receive", directory=str(pair.root), events=events)
        receiving.wait_for_line("ready")
        child(pair, "bare", "send", directory=str(pair.root), events=events)
        return outcome(receiving)


TRIALS = [
    Trial(SMALL, partial(durable, many=False)),
    Trial(LARGE, partial(durable, many=True), rounds=3),
    Trial(BARE, bare_loop),
]

ROWS = [
    Row("durable", "durable events per second", Figure(LARGE, "per second"), "/s", 100_000, at_most=False),
    Row(
        "durable",
        "durable events per second, long run / 10,000",
        Figure(LARGE, "per second"),
        "/s",
        0.9,
        Figure(SMALL, "per second"),
        at_most=False,
    ),
    Row(
        "durable",
        "durable events per second / a bare loop",
        Figure(LARGE, "per second"),
        "/s",
        0.6,
        Figure(BARE, "per second"),
        at_most=False,
    ),
]
