"""What is measured of this project alone, inside of the process that logs."""

import ctypes
import os
import sys
import time
from pathlib import Path
from time import perf_counter

from tests.benchmarks.inside import Metrics

MOST_PENDING = 4_000
FLUSH_S = 600.0
MIB = 2**20
PR_SET_TIMERSLACK = 29


def importing() -> Metrics:
    begun = perf_counter()
    import gui.audit  # noqa: F401, PLC0415 - this is what is measured

    return {"seconds": perf_counter() - begun}


def durable(events: int) -> Metrics:
    """As fast as possible without dropping one; until the last is acknowledged."""
    from gui.audit import audit_status, flush_audit_log, log_event  # noqa: PLC0415 - `importing` must be the first to

    log_event("session", "Begun")
    assert flush_audit_log(FLUSH_S)
    begun = perf_counter()
    for number in range(1, events + 1):
        log_event("tool_run", "Cleaned customers.csv", column="city", rows=48_112, share=0.64)
        if not number % 256:
            while audit_status().pending > MOST_PENDING:
                time.sleep(0.000_2)
    assert flush_audit_log(FLUSH_S)
    took = perf_counter() - begun
    assert audit_status().lost == audit_status().dropped == 0
    return {"per second": events / took}


def acknowledged(directory: str, events: int) -> Metrics:
    """From the call to the acknowledgement, and by turns one fsync of a line of that length on the same disk."""
    from gui.audit import audit_status, flush_audit_log, log_event  # noqa: PLC0415 - as above
    from tests.benchmarks.inside.patterns import quantiles  # noqa: PLC0415

    if sys.platform == "linux":
        # Linux lets a sleep take 50 µs longer than asked for.
        ctypes.CDLL(None).prctl(PR_SET_TIMERSLACK, 1)
    log_event("session", "Begun")
    assert flush_audit_log(FLUSH_S)
    waited, fsynced = [], []
    with Path(directory, "line").open("ab", buffering=0) as file:
        for _ in range(events):
            time.sleep(0.1)
            last = audit_status().durable + 1
            begun = time.perf_counter_ns()
            log_event("tool_run", "Cleaned customers.csv", column="city", rows=48_112, share=0.64)
            while audit_status().durable < last:
                time.sleep(0.000_05)
            waited.append(time.perf_counter_ns() - begun)
            time.sleep(0.02)
            begun = time.perf_counter_ns()
            file.write(b"x" * 250 + b"\n")
            os.fsync(file.fileno())
            fsynced.append(time.perf_counter_ns() - begun)
    return {"p50": quantiles(waited)["p50"], "fsync p50": quantiles(fsynced)["p50"]}


def outbox(text: int) -> Metrics:
    """MiB that a full outbox adds: 16 MiB of events, while nobody takes them. Says so and waits for stdin to end."""
    from gui.audit import audit_status, log_event  # noqa: PLC0415 - as above

    log_event("session", "Begun")
    before = memory_mib()
    for number in range(10_000):
        log_event("tool_run", "Cleaned customers.csv", text=f"{number}{'x' * text}")
    added = memory_mib() - before
    return {"MiB": added, "pending": audit_status().pending}


def backlog(text: int, events: int) -> Metrics:
    """A run that has `events` of `text` bytes waiting, once it was heard; ends with its stdin."""
    from gui.audit import flush_audit_log, log_event  # noqa: PLC0415 - as above

    log_event("session", "Begun")
    assert flush_audit_log(FLUSH_S)
    print("begun", flush=True)
    sys.stdin.readline()
    for number in range(events):
        log_event("tool_run", "Cleaned customers.csv", text=f"{number}{'x' * text}")
    print("logged", flush=True)
    sys.stdin.readline()
    # The disk hangs: waiting for it at exit would measure nothing.
    os._exit(0)


def steady(events: int, pace_s: float) -> Metrics:
    """One of many: waits for its stdin to begin, logs at its pace, and says what the calls took and what was lost."""
    from gui.audit import audit_status, flush_audit_log, log_event  # noqa: PLC0415 - as above
    from tests.benchmarks.alternatives.datatools import Logger  # noqa: PLC0415
    from tests.benchmarks.inside.patterns import quantiles, time_paced  # noqa: PLC0415

    log_event("session", "Begun")
    assert flush_audit_log(FLUSH_S)
    print("begun", flush=True)
    sys.stdin.readline()
    taken = time_paced(Logger().log, events, pace_s)
    flush_audit_log(FLUSH_S)
    status = audit_status()
    return {**quantiles(taken), "missing": status.pending + status.lost + status.dropped}


def by_turns(events: int, paced: int, pace_s: float) -> Metrics:
    """For each line on stdin, `events` until all are durable and `paced` calls at their pace, and a line of what both took."""
    from gui.audit import flush_audit_log, log_event  # noqa: PLC0415 - as above
    from tests.benchmarks.alternatives.datatools import Logger  # noqa: PLC0415
    from tests.benchmarks.inside.patterns import quantiles, time_paced  # noqa: PLC0415

    log_event("session", "Begun")
    assert flush_audit_log(FLUSH_S)
    print("begun", flush=True)
    for _ in sys.stdin:
        begun = perf_counter()
        for _ in range(events):
            log_event("tool_run", "Cleaned customers.csv", column="city", rows=48_112, share=0.64)
        assert flush_audit_log(FLUSH_S)
        took = perf_counter() - begun
        p50 = quantiles(time_paced(Logger().log, paced, pace_s))["p50"]
        assert flush_audit_log(FLUSH_S)
        print(f"turn {took} {p50}", flush=True)
    return {}


def in_trouble(state: str, events: int) -> Metrics:
    """Calls while the audit trail is in `state`, in bursts and paced."""
    from gui.audit import audit_status, flush_audit_log, log_event  # noqa: PLC0415 - as above
    from tests.benchmarks.alternatives.datatools import Logger  # noqa: PLC0415
    from tests.benchmarks.inside.patterns import quantiles, time_bursts, time_paced  # noqa: PLC0415

    log = Logger().log
    time_paced(log, 200)
    assert flush_audit_log(FLUSH_S)
    print("begun", flush=True)
    sys.stdin.readline()
    log_event("session", "Going on")
    while audit_status().state != state:
        time.sleep(0.01)
    before = memory_mib()
    both = time_bursts(log, events // 2) + time_paced(log, events // 2)
    measured = quantiles(both)
    memory = {"MiB before": before, "MiB after": memory_mib()}
    return {**measured, **memory, "pending": audit_status().pending}


def memory_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MIB
