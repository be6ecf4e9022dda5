"""`python -m tests.simulation --seeds MANY [--from SEED]`: many simulations, and what happened in them how often.

`--seed SEED --trace`: one of them again, with its history. `--mutants [--seeds MANY]`: at which seed each mutant is caught.
"""

import argparse
import sys
from functools import partial

from tests.simulation.by_seed import add_arguments, run
from tests.simulation.cases import live_through
from tests.simulation.mutants import MUTANTS


def main() -> int:
    """The exit status: 1 when a promise is broken, or a mutant is not caught."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    add_arguments(parser)
    arguments = parser.parse_args()
    return run(arguments, partial(live_through, traced=arguments.trace), MUTANTS)


if __name__ == "__main__":
    sys.exit(main())
