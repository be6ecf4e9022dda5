"""Measures log_event in a process of its own: `python -m tests.benchmarks.hung_calls STATE`.

It logs one event and says so; when it is told to go on, it waits until the audit trail is in STATE, measures, and prints
a JSON object: seconds by the way of calling and the quantile, and its memory in MiB before and after.
"""

import json
import sys
import time
from collections.abc import Callable

import psutil

from gui.audit import audit_status, flush_audit_log, log_event

QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99.9": 0.999, "max": 1.0}
# Twice what the outbox holds: while the disk hangs, half of the calls meet a full one.
BURSTS, BURST, PAUSE_S = 20, 500, 0.05
PACED, PACE_S = 2_000, 0.002
FLUSH_S = 10.0


def main() -> None:
    log_event("session", "Begun")
    assert flush_audit_log(FLUSH_S), "nobody writes"
    print("begun", flush=True)
    sys.stdin.readline()
    log_event("session", "Going on")
    while audit_status().state != sys.argv[1]:
        time.sleep(PACE_S)
    before = memory_mib()
    measured = {"in bursts": quantiles(time_bursts()), "paced": quantiles(time_paced())}
    print(json.dumps({**measured, "memory": {"before": before, "after": memory_mib()}}), flush=True)
    sys.stdin.readline()


def time_bursts() -> list[float]:
    taken = []
    for _ in range(BURSTS):
        taken += [timed(call) for _ in range(BURST)]
        time.sleep(PAUSE_S)
    return taken


def time_paced() -> list[float]:
    taken = []
    for _ in range(PACED):
        time.sleep(PACE_S)
        taken.append(timed(call))
    return taken


def call() -> None:
    log_event("tool_run", "Cleaned customers.csv", rows=48_112, changed=310, column="city")


def timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def quantiles(taken: list[float]) -> dict[str, float]:
    taken.sort()
    return {name: taken[min(int(len(taken) * share), len(taken) - 1)] for name, share in QUANTILES.items()}


def memory_mib() -> float:
    return float(psutil.Process().memory_info().rss) / 2**20


if __name__ == "__main__":
    main()
