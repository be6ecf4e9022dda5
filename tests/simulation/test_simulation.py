"""Thousands of short lives of the whole system, with all that can go wrong: what is promised holds in each of them.

The project's own outbox, sender, admission, writer and files; simulated are time, network, threads, processes and the disk.
"""

import subprocess
import sys
from collections import Counter

import pytest

from tests.simulation.by_seed import Mutant, catch
from tests.simulation.cases import live_through
from tests.simulation.mutants import MUTANTS

# A quarter each, so that they run side by side.
QUARTER = 200
SEEDS = 4 * QUARTER
# What must have happened in each quarter, so that the promises were put to the test.
EXPLORED = {
    "asks", "cut", "cut the power", "cut the power at a change", "deafen", "die", "failed calls", "flood", "flushes in time",
    "flushes that timed out", "frames lost on the way", "gaps: outbox full", "gaps: refused", "gaps: unwritable", "hang", "kill",
    "kill at a change", "killed in a call", "leave", "lines with repaired_bytes", "pause", "published, no room", "reconnect",
    "refused calls", "runs closed: clean", "runs closed: vanished", "short writes", "slow", "stop",
}  # fmt: skip


@pytest.mark.parametrize(
    "first", [0, *(pytest.param(each, marks=pytest.mark.long) for each in range(QUARTER, SEEDS, QUARTER))]
)
def test_whatever_goes_wrong_every_promise_holds(first: int) -> None:
    tally: Counter[str] = Counter()
    for seed in range(first, first + QUARTER):
        tally += live_through(seed).tally
    assert set(tally) >= EXPLORED


@pytest.mark.long
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_who_breaks_a_promise_on_purpose_is_caught_within_these_seeds(mutant: Mutant) -> None:
    error = catch(mutant, range(SEEDS), live_through)
    assert error is not None
    # It is not the seed that does it.
    live_through(error.seed)


def test_the_same_seed_gives_the_same_history_in_another_process() -> None:
    seed = 7
    command = [sys.executable, "-m", "tests.simulation", "--seed", str(seed), "--trace"]
    replayed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    told = live_through(seed, traced=True).told
    assert len(told) > 20
    assert replayed.splitlines()[: len(told)] == told
