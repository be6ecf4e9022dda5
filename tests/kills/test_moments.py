"""A share of what `python -m tests.kills` does."""

import random

import pytest

from tests.kills.moments import live
from tests.support.processes import Pair

MOMENTS = 12


@pytest.mark.parametrize("pair", ["ipc", pytest.param("tcp", marks=pytest.mark.long)], indirect=True)
def test_whoever_is_killed_at_random_moments_alone_or_with_others_each_event_is_there_once(pair: Pair) -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"python -m tests.kills --moments {MOMENTS} --seed {seed}")  # noqa: T201 - to make the same kills again
    world = live(pair, seed, MOMENTS)
    assert world.kills.total() == MOMENTS
    assert sum(world.survivor.logged) > 0
