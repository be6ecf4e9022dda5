"""What a call costs its caller: in bursts, paced, and with the audit trail in trouble."""

import signal
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.alternatives import (
    FLOOR,
    LOGURU,
    MODULES,
    OPENTELEMETRY,
    OURS,
    PREDECESSOR,
    QUEUE_HANDLER,
)
from tests.benchmarks.inside import Metrics
from tests.benchmarks.suite import Figure, Options, Row, Trial, Unavailable, child, go_on, measured, outcome
from tests.fault.hanging import bench
from tests.fault.mount import HAS_FUSE

EVENTS, QUICK_EVENTS = 4_000, 100
TROUBLE_EVENTS, QUICK_TROUBLE_EVENTS = 12_000, 1_000
HEALTHY, HUNG, STOPPED, ABSENT = "healthy", "disk hung", "sidecar stopped", "sidecar absent"
STATES = {HEALTHY: "recording", HUNG: "stalled", STOPPED: "suspended", ABSENT: "absent"}


def call(pattern: str, name: str, options: Options) -> Metrics:
    events = QUICK_EVENTS if options.quick else EVENTS
    return measured("patterns", pattern, sidecar=name == OURS, writes=True, name=name, events=events)


def in_trouble(trouble: str, options: Options) -> Metrics:
    """All four on the same file system, which hangs when it is told to."""
    if not HAS_FUSE:
        raise Unavailable("FUSE is not installed (Debian: fuse3); without it no disk can be made to hang")
    with TemporaryDirectory() as scratch, bench(Path(scratch)) as stage, ExitStack() as stack:
        sidecar = stage.pair.ready_sidecar()
        events = QUICK_TROUBLE_EVENTS if options.quick else TROUBLE_EVENTS
        calling = child(stage.pair, "audited", "in_trouble", state=STATES[trouble], events=events)
        calling.wait_for_line("begun")
        if trouble == HUNG:
            stage.mount.hang("fsync")
        elif trouble == STOPPED:
            sidecar.signal(signal.SIGSTOP)
            stack.callback(sidecar.signal, signal.SIGCONT)
        elif trouble == ABSENT:
            sidecar.kill()
        go_on(calling)
        return outcome(calling)


def trial(pattern: str, name: str) -> str:
    return f"{pattern}: {name}"


def ours_over(what: str, pattern: str, metric: str, other: str, goal: float) -> Row:
    value, over, floor = (Figure(trial(pattern, name), metric) for name in (OURS, other, FLOOR))
    return Row("calls", f"{what} / {other}", value, "µs", goal, over, floor=None if other == FLOOR else floor)


TRIALS = [
    *(Trial(trial(pattern, name), partial(call, pattern, name)) for pattern in ("bursts", "paced") for name in MODULES),
    *(Trial(trial("trouble", trouble), partial(in_trouble, trouble)) for trouble in STATES),
]

ROWS = [
    ours_over("log_event p50 in bursts", "bursts", "p50", FLOOR, 2.5),
    ours_over("log_event p50 in bursts", "bursts", "p50", PREDECESSOR, 0.7),
    ours_over("log_event p50 in bursts", "bursts", "p50", QUEUE_HANDLER, 0.2),
    ours_over("log_event p50 in bursts", "bursts", "p50", OPENTELEMETRY, 0.2),
    ours_over("log_event p50 in bursts", "bursts", "p50", LOGURU, 0.05),
    ours_over("log_event p50 paced", "paced", "p50", PREDECESSOR, 1.0),
    ours_over("CPU of the process per event, paced", "paced", "cpu", PREDECESSOR, 0.6),
    *(
        Row(
            "calls",
            f"log_event p99.9, {each} / {HEALTHY}",
            Figure(trial("trouble", each), "p99.9"),
            "µs",
            1.2,
            Figure(trial("trouble", HEALTHY), "p99.9"),
        )
        for each in (HUNG, STOPPED, ABSENT)
    ),
]
