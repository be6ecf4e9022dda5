"""What a call costs while other threads of the process are busy."""

from functools import partial

from tests.benchmarks.alternatives import LOCKED, MODULES, OURS
from tests.benchmarks.inside import Metrics
from tests.benchmarks.suite import Figure, Options, Row, Trial, measured

PRODUCERS, BUSY = (1, 8), 2
SECONDS, QUICK_SECONDS = 5.0, 0.5


def call(producers: int, name: str, options: Options) -> Metrics:
    seconds = QUICK_SECONDS if options.quick else SECONDS
    many = {"producers": producers, "busy": BUSY, "seconds": seconds}
    return measured("patterns", "threads", sidecar=name == OURS, writes=True, name=name, **many)


def trial(producers: int, name: str) -> str:
    return f"{producers} of {producers + BUSY} threads: {name}"


TRIALS = [Trial(trial(producers, name), partial(call, producers, name)) for producers in PRODUCERS for name in MODULES]

ROWS = [
    row
    for producers in PRODUCERS
    for what in [f"log_event p99, producers: {producers}, busy threads: {BUSY}"]
    for ours in [Figure(trial(producers, OURS), "p99")]
    for row in (
        Row("threads", what, ours, "ms", 0.001),
        Row("threads", f"{what} / {LOCKED}", ours, "ms", 0.1, Figure(trial(producers, LOCKED), "p99")),
    )
]
