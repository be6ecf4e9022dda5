"""`python -m tests.kills [--moments MANY] [--seed SEED] | --pairs | --signals`: kills, the logs checked, the result printed.

Without more, at random moments: the same seed kills the same processes after the same waits; what they are doing then is up to
the machine. `--pairs`: each pair at each step of an event's way. `--signals`: each signal at each phase of each start and end.
"""

import argparse
import random
import sys
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import partial
from itertools import product
from time import monotonic

from tests.kills.moments import World, live
from tests.kills.pairs import PAIRS, STEPS
from tests.kills.signals import EVERY_CASE, check
from tests.support.processes import Pair

Case = tuple[str, Callable[[Pair], None]]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("--moments", type=int, default=300, help="how many times somebody is killed")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--pairs", action="store_true")
    parser.add_argument("--signals", action="store_true")
    arguments = parser.parse_args()
    if arguments.pairs:
        return run_all((f"{who} at {step}", partial(PAIRS[who], step=step)) for who, step in product(PAIRS, STEPS))
    if arguments.signals:
        return run_all((f"{phase} {n.name}", partial(check, phase=phase, number=n)) for phase, n in EVERY_CASE)
    run_moments(arguments.seed, arguments.moments)
    return 0


def run_all(cases: Iterable[Case]) -> int:
    """Run each case in directories of its own. Returns 1 when one failed."""
    failed = 0
    for name, case in cases:
        with ExitStack() as stack:
            try:
                case(Pair(stack))
            except AssertionError as error:
                failed += 1
                say(f"FAILED {name}: {error}")
            else:
                say(f"held   {name}")
    return int(failed > 0)


def run_moments(seed: int, moments: int) -> None:
    say(f"seed {seed}")
    begun = monotonic()
    with ExitStack() as stack:
        world = live(Pair(stack), seed, moments)
        say(*told(world), f"{monotonic() - begun:.0f} s")


def told(world: World) -> list[str]:
    """What happened in a world in which everything held."""
    kills = [f"{times:5} times {' and '.join(victims)}" for victims, times in world.kills.most_common()]
    events = sum(world.survivor.logged)
    return [
        f"killed {world.kills.total()} times:", *kills,
        f"one GUI lived through it: {events} events, each there once, none lost",
        f"{len(world.killed_guis)} GUIs were killed: their logs are closed and hold all they knew to be durable",
    ]  # fmt: skip


def say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
