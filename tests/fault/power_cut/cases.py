"""All cases that belong to a seed: one life after the other, the end of the process at each of its operations.

The same seed gives the same cases and traces, wherever the name of the host and the version of Python, which stand in a log,
are as long.
"""

from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

from tests.fault.power_cut.plan import Moment, draw_plan
from tests.fault.power_cut.promises import check
from tests.fault.power_cut.world import Crash, MakeDisk, World

# Where something is not durable, what a power cut leaves of it is drawn so often; elsewhere nothing is to be drawn.
DRAWS = 4


class Case(NamedTuple):
    """The `number` counts the cases of `seed`; `life` those of its lives."""

    seed: str
    number: int
    life: int
    crash: Crash | None

    def __str__(self) -> str:
        return f"python -m tests.fault.power_cut --seed {self.seed} --case {self.number}"


class BrokenError(AssertionError):
    """A promise did not hold in the `case`; `told` is what happened."""

    def __init__(self, case: Case, told: list[str], why: Exception) -> None:
        super().__init__(f"{type(why).__name__}: {why}\nTo see it happen: {case}")
        self.case = case
        self.told = told


def cases(seed: str, first_life: int = 0, make_disk: MakeDisk | None = None) -> Iterator[Case]:
    """The cases of `seed` without end, those of the lives before `first_life` left out."""
    number = 0
    for life in count():
        crashes = _crashes(f"{seed}/{life}", make_disk)
        if life >= first_life:
            yield from (Case(seed, number + index, life, crash) for index, crash in enumerate(crashes))
        number += len(crashes)


def _crashes(seed: str, make_disk: MakeDisk | None) -> list[Crash | None]:
    world = World(draw_plan(seed), make_disk=make_disk)
    world.live()
    crashes: list[Crash | None] = [None]
    for at in range(1, world.system.operations + 1):
        if at in world.unsettled:
            crashes += [Crash(Moment(at), bool(draw), f"{seed}/{at}/{draw}") for draw in range(DRAWS + 1)]
        else:
            crashes.append(Crash(Moment(at), bool(at % 2), f"{seed}/{at}"))
    return crashes


def live_through(case: Case, make_disk: MakeDisk | None = None) -> World:
    """The world of the case, at its end. Raises BrokenError."""
    world = World(draw_plan(f"{case.seed}/{case.life}"), case.crash, make_disk)
    try:
        world.live()
        check(world)
    except Exception as error:
        # Whatever it is that the sidecar does not survive: it is this case that shows it.
        raise BrokenError(case, world.told, error) from error
    return world
