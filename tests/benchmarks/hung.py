"""What users notice of a disk that hangs, commands and the page included: `python -m tests.benchmarks.hung`.

Everything is measured on a healthy disk and on one whose fsync does not return, by turns, and printed side by side.
Medians of rounds.
"""

import argparse
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from tests.benchmarks.hung_page import measure_page
from tests.benchmarks.inside.patterns import QUANTILES
from tests.benchmarks.machine import look
from tests.benchmarks.suite import child, go_on, outcome
from tests.fault.hanging import Bench, bench
from tests.fault.mount import HAS_FUSE
from tests.stack.browser import CHROMIUM
from tests.support.processes import Process

ROUNDS, PAGE_ROUNDS, CLICKS = 5, 10, 3
# Twice what the outbox holds: while the disk hangs, half of the calls meet a full one.
EVENTS = 10_000

Measured = dict[str, Any]


def main() -> int:
    argparse.ArgumentParser(prog="python -m tests.benchmarks.hung", description=__doc__).parse_args()
    if not HAS_FUSE:
        print("FUSE is not installed (Debian: fuse3); without it no disk can be made to hang.")
        return 1
    with tempfile.TemporaryDirectory() as scratch:
        print(*look().lines(), sep="\n")
        print_calls([(hang, measure_in(Path(scratch, str(n)), hang=hang)) for n, hang in enumerate(turns(ROUNDS))])
        if CHROMIUM is None:
            print("\nchromium is not installed (Debian: chromium): a page's rerun is not measured.")
        else:
            print_page(*measure_page(Path(scratch, "page"), turns(PAGE_ROUNDS), CLICKS))
    return 0


def turns(rounds: int) -> list[bool]:
    """Healthy and hung as often, each as often first as second."""
    return [(number % 2 == 0) == (place == 1) for number in range(rounds) for place in (0, 1)]


def measure_in(root: Path, *, hang: bool) -> Measured:
    """One round: a process that logs, and the commands, on a disk that hangs or not."""
    with bench(root) as stage:
        sidecar = stage.pair.ready_sidecar()
        calling = child(stage.pair, "audited", "in_trouble", state="stalled" if hang else "recording", events=EVENTS)
        calling.wait_for_line("begun")
        before = memory_mib(sidecar)
        if hang:
            stage.mount.hang("fsync")
        go_on(calling)
        measured = outcome(calling)
        assert bool(stage.mount.met("hung")) == hang
        return {"calls": measured, **time_commands(stage), "sidecar": {"before": before, "after": memory_mib(sidecar)}}


def time_commands(stage: Bench) -> dict[str, float]:
    start = time.perf_counter()
    assert stage.pair.run("-m", "sidecar", "status")[0] == 0
    answered = time.perf_counter()
    tail = stage.pair.python("-m", "sidecar", "tail")
    tail.wait_for_line("Following", err=True)
    following = time.perf_counter()
    tail.signal(signal.SIGINT)
    assert tail.wait() == 0
    return {
        "status": answered - start,
        "tail, to its first line": following - answered,
        "tail, from Ctrl-C": time.perf_counter() - following,
    }


def memory_mib(process: Process) -> float:
    return float(psutil.Process(process.pid).memory_info().rss) / 2**20


def print_calls(rounds: Sequence[tuple[bool, Measured]]) -> None:
    healthy, hung = ([measured for hang, measured in rounds if hang == wanted] for wanted in (False, True))
    print(f"Medians of {ROUNDS} rounds, healthy and hung by turns")
    print_head(f"log_event, µs ({EVENTS} calls, half in bursts, half paced)")
    for name in QUANTILES:
        print_row(name, [each["calls"][name] * 1e6 for each in healthy], [each["calls"][name] * 1e6 for each in hung])
    print_head("commands, ms")
    for name in ("status", "tail, to its first line", "tail, from Ctrl-C"):
        print_row(name, [each[name] * 1e3 for each in healthy], [each[name] * 1e3 for each in hung])
    print_head("memory, MiB")
    for when in ("before", "after"):
        mib = [[each["calls"][f"MiB {when}"] for each in side] for side in (healthy, hung)]
        print_row(f"the logging process {when}", *mib)
        print_row(f"the sidecar {when}", *([each["sidecar"][when] for each in side] for side in (healthy, hung)))


def print_page(healthy: Sequence[float], hung: Sequence[float], told: Sequence[float]) -> None:
    print_head("a page in the browser, ms")
    print_row(f"click to drawn ({len(hung)} clicks)", [each * 1e3 for each in healthy], [each * 1e3 for each in hung])
    slowest = max(told)
    print(
        f'\nFrom the hang to "Recording late" in the panel: median {statistics.median(told):.2f} s, slowest {slowest:.2f} s'
    )


def print_head(title: str) -> None:
    print(f"\n{title:<48}{'healthy':>10}{'hung':>10}{'ratio':>8}")


def print_row(name: str, healthy: Sequence[float], hung: Sequence[float]) -> None:
    one, other = statistics.median(healthy), statistics.median(hung)
    print(f"  {name:<46}{one:>10.1f}{other:>10.1f}{other / one:>8.2f}")


if __name__ == "__main__":
    sys.exit(main())
