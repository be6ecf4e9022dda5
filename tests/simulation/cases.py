"""One seed, lived through and checked."""

from tests.simulation.promises import check
from tests.simulation.world import World


class BrokenError(AssertionError):
    """A promise does not hold in the simulation of `seed`; `why` says which, `told` is what happened, if it was traced."""

    def __init__(self, seed: int, told: list[str], error: Exception) -> None:
        self.seed = seed
        self.told = told
        self.why = f"{type(error).__name__}: {error}"
        super().__init__(f"{self.why}\nTo see it happen: python -m tests.simulation --seed {seed} --trace")


def live_through(seed: int, *, traced: bool = False) -> World:
    """The world of `seed`, at its end. Raises BrokenError."""
    world = World(seed, traced=traced)
    try:
        world.live()
        check(world)
    except Exception as error:
        # Whatever it is that somebody in it does not survive: it is this seed that shows it.
        raise BrokenError(seed, world.told, error) from error
    return world
