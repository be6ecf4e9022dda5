"""`python -m tests.simulation.forwarding --seeds MANY [--from SEED]`: many short lives of forwarders, and what happened in them.

`--seed SEED --trace`: one of them again, with its history. `--mutants [--seeds MANY]`: at which seed each mutant is caught.
`--desks MANY [--seconds S]`: many desks and one stream, which goes on after an outage; what that takes.
"""

import argparse
import sys

from tests.simulation.by_seed import add_arguments, run, say
from tests.simulation.forwarding.crowd import Crowd, describe, live
from tests.simulation.forwarding.mutants import MUTANTS
from tests.simulation.forwarding.world import live_through


def main() -> int:
    """The exit status: 1 when a promise is broken, or a mutant is not caught."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.forwarding", description=__doc__)
    add_arguments(parser)
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
        say(describe(crowd, result))
        return int(result.wrong > 0)
    return run(arguments, live_through, MUTANTS)


if __name__ == "__main__":
    sys.exit(main())
