"""One seed, lived through and checked."""

from tests.simulation.by_seed import BrokenError
from tests.simulation.promises import check
from tests.simulation.world import World


def live_through(seed: int, *, traced: bool = False) -> World:
    """The world of `seed`, at its end. Raises BrokenError."""
    world = World(seed, traced=traced)
    try:
        world.live()
        check(world)
    except Exception as error:
        # Whatever it is that somebody in it does not survive: it is this seed that shows it.
        raise BrokenError("tests.simulation", seed, world.told, error) from error
    return world
