"""`python -m tests.kills [--moments MANY] [--seed SEED]`: kills at random moments, the logs checked, the result printed.

The same seed kills the same processes after the same waits; what they are doing then is up to the machine.
"""

import argparse
import random
import sys
from contextlib import ExitStack
from time import monotonic

from tests.kills.moments import World, live
from tests.support.processes import Pair


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("--moments", type=int, default=300, help="how many times somebody is killed")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    arguments = parser.parse_args()
    sys.stdout.write(f"seed {arguments.seed}\n")
    sys.stdout.flush()
    begun = monotonic()
    with ExitStack() as stack:
        world = live(Pair(stack), arguments.seed, arguments.moments)
        sys.stdout.write("\n".join([*told(world), f"{monotonic() - begun:.0f} s\n"]))
    return 0


def told(world: World) -> list[str]:
    kills = [f"{times:5} times {' and '.join(victims)}" for victims, times in world.kills.most_common()]
    events = sum(world.survivor.logged)
    return [
        f"killed {world.kills.total()} times:", *kills,
        f"one GUI lived through it: {events} events, each there once, none lost",
        f"{len(world.killed_guis)} GUIs were killed: their logs are closed and hold all they knew to be durable",
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
