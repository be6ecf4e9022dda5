"""`python -m tests.soak [--minutes MINUTES] [--seed SEED]`: mixed faults for as long as one likes, and a verdict.

Two worlds side by side. In one, sidecar, keeper and GUI are killed at random moments. In the other they live through stopped
processes, a disk that hangs, refuses, is slow or full, logs that somebody touches, and GUIs that come, go and are killed; what
they hold is sampled, and must not grow. In the end every log is checked. The same seed makes the same faults after the same waits.
"""

import argparse
import random
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic

from tests.fault.mount import HAS_FUSE, Mount
from tests.kills.__main__ import told as told_of_kills
from tests.kills.moments import World
from tests.soak.faults import Steady
from tests.soak.growth import ALLOWED, METRICS, Sample, sample, trend
from tests.support.processes import Pair

SAMPLE_EVERY_S = 10.0

Samples = dict[str, list[Sample]]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    arguments = parser.parse_args()
    if not HAS_FUSE:
        sys.exit("FUSE is not installed (Debian: fuse3); without it no disk can be made to hang.")
    say(f"seed {arguments.seed}, {arguments.minutes:g} minutes")
    until = monotonic() + arguments.minutes * 60
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(2) as pool:
        killing = pool.submit(live_with_kills, arguments.seed, until)
        samples = live_with_faults(arguments.seed, until, Path(scratch))
        say(*told_of_kills(killing.result()))
    return print_growth(samples)


def live_with_kills(seed: int, until: float) -> World:
    with ExitStack() as stack:
        world = World(Pair(stack), random.Random(seed))  # noqa: S311 - not a secret
        while monotonic() < until:
            world.live_a_moment()
        world.end()
        return world


def live_with_faults(seed: int, until: float, scratch: Path) -> Samples:
    with ExitStack() as stack:
        pair, mount = Pair(stack), Mount(scratch)
        # First: a process that hangs in there would be waited for in vain.
        stack.callback(mount.close)
        world = Steady(pair, random.Random(seed), mount)  # noqa: S311 - as above
        world.survivor.producer.wait_for_state("recording")
        with sampling(pids_of(world)) as samples:
            while monotonic() < until:
                world.fault()
        world.end()
        say(
            "what happened to those that were not killed:",
            *(f"{n:5} times {what}" for what, n in world.faults.most_common()),
        )
        say(f"their GUI logged {sum(world.survivor.logged)} events, each there once; "
            f"{len(world.ended)} GUIs came and went, {len(world.killed_guis)} were killed; every log is as it should be")  # fmt: skip
        return samples


def pids_of(world: Steady) -> dict[str, int]:
    assert world.sidecar is not None
    return {"sidecar": world.sidecar, "GUI": world.survivor.producer.pid, "keeper": world.keeper.pid}


@contextmanager
def sampling(pids: dict[str, int]) -> Iterator[Samples]:
    """Samples of these processes while the body runs."""
    samples: Samples = defaultdict(list)
    enough = threading.Event()
    begun = monotonic()

    def run() -> None:
        while not enough.wait(SAMPLE_EVERY_S):
            for name, pid in pids.items():
                samples[name].append(sample(pid, monotonic() - begun))

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run)
        try:
            yield samples
        finally:
            enough.set()
        running.result()


def print_growth(samples: Samples) -> int:
    """Print a table of what each process held. Returns 1 when any of it grows."""
    say(f"{'':8} {'':12} {'first':>8} {'median':>8} {'most':>8} {'last':>8} {'per hour':>18}")
    grows = 0
    for name, taken in samples.items():
        for metric, unit in METRICS.items():
            found = trend(taken, metric)
            grows += found.grows
            values = "".join(f" {value:8.1f}" for value in (found.first, found.median, found.most, found.last))
            slope = f"{found.per_hour:+8.2f} ± {found.error:.2f} {unit}"
            say(f"{name:8} {metric:12}{values} {slope:>20}  {'GROWS' if found.grows else 'steady'}")
    allowed = ", ".join(f"{most:g} {METRICS[metric] or metric}" for metric, most in ALLOWED.items())
    say(
        f"{sum(map(len, samples.values()))} samples; {'something' if grows else 'nothing'} grows by more than {allowed} meanwhile"
    )
    return int(grows > 0)


def say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
