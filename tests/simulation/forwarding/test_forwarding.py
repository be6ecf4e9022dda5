"""Many short lives of forwarders, with all that can go wrong: each durable line is in the stream once, and in order.

The project's own forwarder, sender, lanes, cursor; simulated are time, network, the stream and the disk.
"""

import subprocess
import sys
from collections import Counter

import pytest

pytest.importorskip("nats", reason="needs nats-py, which the group dev installs")

from tests.simulation.by_seed import Mutant, catch
from tests.simulation.forwarding.crowd import Crowd, live
from tests.simulation.forwarding.mutants import MUTANTS
from tests.simulation.forwarding.world import live_through

SEEDS = 150
# What must have happened, so that the promises were put to the test.
EXPLORED = {
    "answers lost", "compress", "cut", "delete", "deleted, and said", "fill the stream", "kill the forwarder", "kill the sidecar", "let go",
    "lose the cursor", "lose the leader", "messages doubled", "messages lost", "messages that came late", "refused: full",
    "refused: wrong last id", "refused: wrong last sequence", "restart the server", "restore an old cursor",
    "stored, told nobody, and lost", "tear the cursor",
}  # fmt: skip


def test_whatever_goes_wrong_each_line_is_there_once_and_in_order() -> None:
    tally: Counter[str] = Counter()
    for seed in range(SEEDS):
        tally += live_through(seed).tally
    assert set(tally) >= EXPLORED


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_who_breaks_a_promise_on_purpose_is_caught_within_these_seeds(mutant: Mutant) -> None:
    error = catch(mutant, range(SEEDS), live_through)
    assert error is not None
    # It is not the seed that does it.
    live_through(error.seed)


def test_the_same_seed_gives_the_same_history_in_another_process() -> None:
    command = [sys.executable, "-m", "tests.simulation.forwarding", "--seed", "9", "--trace"]
    replayed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    told = live_through(9).told
    assert len(told) > 3
    assert replayed.splitlines()[: len(told)] == told


@pytest.mark.parametrize("streams", [1, 4])
def test_a_crowd_of_desks_catches_up_from_an_outage(streams: int) -> None:
    result = live(Crowd(desks=40, streams=streams, lines=4.0, seconds=9.0, outage=3.0, latency=0.02))
    assert result.wrong == 0
    assert result.stored > 40 * 4 * 9 * 0.8
    assert 0 < result.caught_up_s < 30
    assert result.ids == result.stored
