"""`python -m tests.simulation.forwarding --seeds MANY [--from SEED]`: many short lives of forwarders, and what happened in them.

`--seed SEED --trace`: one of them again, with its history. `--mutants [--seeds MANY]`: at which seed each mutant is caught.
`--desks MANY [--seconds S]`: many desks and one stream, which goes on after an outage; what that takes.
"""

import argparse
import sys
import time
from collections import Counter

from tests.simulation.forwarding.crowd import Crowd, describe, live
from tests.simulation.forwarding.mutants import MUTANTS, catch
from tests.simulation.forwarding.world import BrokenError, live_through


def main() -> int:
    """The exit status: 1 when a promise is broken, or a mutant is not caught."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.forwarding", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1_000, help="how many")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first of them")
    parser.add_argument("--seed", type=int, help="only this one")
    parser.add_argument("--trace", action="store_true", help="with everything that happens in it")
    parser.add_argument("--mutants", action="store_true", help="who breaks a promise on purpose, and when it is found")
    parser.add_argument("--desks", type=int, help="so many desks at once, each with a run of its own")
    parser.add_argument("--streams", type=int, default=1, help="with --desks: they go into so many streams")
    parser.add_argument("--lines", type=float, default=1.16, help="with --desks: lines a second of each")
    parser.add_argument("--seconds", type=float, default=60.0, help="with --desks: how long they write")
    parser.add_argument(
        "--outage", type=float, default=20.0, help="with --desks: for how long of that the server is away"
    )
    parser.add_argument("--latency", type=float, default=0.01, help="with --desks: seconds one way")
    arguments = parser.parse_args()
    if arguments.desks:
        crowd = Crowd(
            arguments.desks, arguments.streams, arguments.lines, arguments.seconds, arguments.outage, arguments.latency
        )
        result = live(crowd)
        _print(describe(crowd, result))
        return int(result.wrong > 0)
    seeds = range(arguments.first, arguments.first + arguments.seeds)
    if arguments.mutants:
        return _find_mutants(seeds)
    if arguments.seed is not None:
        seeds = range(arguments.seed, arguments.seed + 1)
    return _run(seeds, traced=arguments.trace)


def _run(seeds: range, *, traced: bool) -> int:
    tally: Counter[str] = Counter()
    broken, begin = 0, time.process_time()
    for seed in seeds:
        try:
            world = live_through(seed)
        except BrokenError as error:
            broken += 1
            _print("\n".join([*(error.told if traced else []), str(error)]))
        else:
            tally += world.tally
            _print("\n".join(world.told if traced else []))
    for what, times in sorted(tally.items()):
        _print(f"{times:9} {what}")
    a_second = len(seeds) / (time.process_time() - begin)
    _print(f"{len(seeds)} seeds, {broken} broken, {a_second:.0f} a second")
    return int(broken > 0)


def _find_mutants(seeds: range) -> int:
    missed = 0
    for mutant in MUTANTS:
        error = catch(mutant, seeds)
        missed += error is None
        _print(f"{mutant.name}: {f'seed {error.seed}: {error.why}' if error else 'not caught'}")
    return int(missed > 0)


def _print(text: str) -> None:
    if text:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
