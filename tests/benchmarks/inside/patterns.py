"""Patterns of calling one alternative, and how long its callers took."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter_ns

from tests.benchmarks.alternatives import Alternative, load
from tests.benchmarks.inside import Metrics

QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99.9": 0.999, "max": 1.0}
WARM_UP = 500
BURST, PAUSE_S = 20, 0.005
PACE_S, THREADS_PACE_S = 0.000_5, 0.002

Log = Callable[..., None]


def one(log: Log) -> int:
    """Nanoseconds that one call took."""
    begun = perf_counter_ns()
    log("Cleaned customers.csv", column="city", rows=48_112, share=0.64)
    return perf_counter_ns() - begun


@contextmanager
def running(name: str, directory: str) -> Iterator[Alternative]:
    alternative = load(name)
    alternative.start(Path(directory))
    for _ in range(WARM_UP):
        one(alternative.log)
    alternative.flush()
    yield alternative
    alternative.stop()


def bursts(name: str, directory: str, events: int) -> Metrics:
    """Bursts of 20, with a pause in which a writer thread catches up."""
    with running(name, directory) as alternative:
        return quantiles(time_bursts(alternative.log, events))


def time_bursts(log: Log, events: int) -> list[int]:
    taken = []
    for _ in range(events // BURST):
        taken += [one(log) for _ in range(BURST)]
        time.sleep(PAUSE_S)
    return taken


def paced(name: str, directory: str, events: int) -> Metrics:
    """One event each 0.5 ms; `cpu` is this process's per event until all is written, without what the waiting itself takes."""
    with running(name, directory) as alternative:
        waiting = cpu_of(lambda: time_paced(lambda *_, **__: None, events))
        taken: list[int] = []

        def log() -> None:
            taken.extend(time_paced(alternative.log, events))
            alternative.flush()

        logging = cpu_of(log)
        return {**quantiles(taken), "cpu": (logging - waiting) / events}


def time_paced(log: Log, events: int, pace_s: float = PACE_S) -> list[int]:
    taken = []
    due = time.perf_counter()
    for _ in range(events):
        due += pace_s
        time.sleep(max(due - time.perf_counter(), 0.0))
        taken.append(one(log))
    return taken


def cpu_of(action: Callable[[], object]) -> float:
    before = time.process_time()
    action()
    return time.process_time() - before


def threads(name: str, directory: str, producers: int, busy: int, seconds: float) -> Metrics:
    """Each producer logs an event, waits 2 ms, and so on, while other threads are busy in Python."""
    ended = threading.Event()
    taken: list[int] = []
    with running(name, directory) as alternative:
        for _ in range(busy):
            threading.Thread(target=be_busy, args=(ended,), daemon=True).start()
        producing = [threading.Thread(target=produce, args=(alternative.log, taken, ended)) for _ in range(producers)]
        for each in producing:
            each.start()
        time.sleep(seconds)
        ended.set()
        for each in producing:
            each.join()
        alternative.flush()
    return {**quantiles(taken), "events": len(taken)}


def be_busy(ended: threading.Event) -> None:
    while not ended.is_set():
        sum(range(1000))


def produce(log: Log, taken: list[int], ended: threading.Event) -> None:
    while not ended.is_set():
        time.sleep(THREADS_PACE_S)
        taken.append(one(log))


def quantiles(nanoseconds: list[int]) -> Metrics:
    """Seconds that such a share of the calls took at most."""
    taken = sorted(nanoseconds)
    return {name: taken[min(int(len(taken) * share), len(taken) - 1)] / 1e9 for name, share in QUANTILES.items()}
