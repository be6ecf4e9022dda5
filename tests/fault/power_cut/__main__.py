"""`python -m tests.fault.power_cut --seed SEED [--case NUMBER] [--cases MANY]`: one case as it happens, or many of them."""

import argparse
import sys
from itertools import islice

from tests.fault.power_cut.cases import BrokenError, cases, live_through


def main() -> int:
    """The exit status: 1 when a promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.fault.power_cut", description=__doc__)
    parser.add_argument("--seed", default="1", help="any text; the default suite takes 1")
    parser.add_argument("--case", type=int, help="only this one, with everything that happens in it")
    parser.add_argument("--cases", type=int, default=10_000, help="how many, without --case")
    arguments = parser.parse_args()
    if arguments.case is None:
        return _run(arguments.seed, arguments.cases)
    return _replay(arguments.seed, arguments.case)


def _run(seed: str, many: int) -> int:
    broken = 0
    for case in islice(cases(seed), many):
        try:
            live_through(case)
        except BrokenError as error:
            broken += 1
            _print(f"{error}\n")
    _print(f"{many} cases, {broken} broken")
    return int(broken > 0)


def _replay(seed: str, number: int) -> int:
    case = next(islice(cases(seed), number, None))
    try:
        told = live_through(case).told
    except BrokenError as error:
        _print("\n".join([*error.told, "", str(error)]))
        return 1
    _print("\n".join([*told, "", "All promises hold."]))
    return 0


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
