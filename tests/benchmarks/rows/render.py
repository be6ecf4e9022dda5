"""How much a page that is drawn by pure Python is slowed down by logging."""

from functools import partial

from tests.benchmarks.alternatives import FLOOR, MODULES, OURS, PREDECESSOR
from tests.benchmarks.inside import Metrics
from tests.benchmarks.suite import Figure, Options, Row, Trial, measured

SECONDS, QUICK_SECONDS = 2.0, 0.3


def draw(name: str, options: Options) -> Metrics:
    seconds = QUICK_SECONDS if options.quick else SECONDS
    return measured("render", "slowdown", sidecar=name == OURS, writes=True, name=name, seconds=seconds)


def trial(name: str) -> str:
    return f"render: {name}"


TRIALS = [Trial(trial(name), partial(draw, name)) for name in MODULES]

ROWS = [
    Row(
        "render",
        f"slowdown of a render loop by 2,000 events/s / {PREDECESSOR}",
        Figure(trial(OURS), "slowdown"),
        "%",
        0.5,
        Figure(trial(PREDECESSOR), "slowdown"),
        floor=Figure(trial(FLOOR), "slowdown"),
    )
]
