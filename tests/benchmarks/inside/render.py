"""A page that is drawn by pure Python, while 2,000 events are logged each second of it."""

import statistics
from time import perf_counter

from tests.benchmarks.inside import Metrics
from tests.benchmarks.inside.patterns import Log, one, running

EVENTS_PER_S = 2_000
PAIRS = 15


def slowdown(name: str, directory: str, seconds: float) -> Metrics:
    """How much longer the same work takes, as a share of it; with and without logging by turns."""
    with running(name, directory) as alternative:
        steps = int(100_000 * seconds / draw(100_000, None))
        ratios = []
        for _ in range(PAIRS):
            quiet = draw(steps // PAIRS, None)
            ratios.append(draw(steps // PAIRS, alternative.log) / quiet)
            alternative.flush()
    # The median of pairs: another process that took the processor for a moment spoils one of them.
    return {"slowdown": statistics.median(ratios) - 1}


def draw(steps: int, log: Log | None) -> float:
    """Seconds for so many cells of a table; `log` is called whenever an event is due."""
    begun = perf_counter()
    due, cells = begun, []
    for step in range(steps):
        cells.append(f"<td>{step * 7 % 1000}</td>")
        if len(cells) == 100:
            cells.clear()
        if perf_counter() >= due:
            due += 1 / EVENTS_PER_S
            if log is not None:
                one(log)
    return perf_counter() - begun
