"""`python -m tests.hostile --seed N --frames 1000000`: hostile frames on all sockets of a real sidecar, and what they cost it.

The same seed sends the same again. The default suite sends some ten thousand.
"""

import argparse
import sys
from contextlib import ExitStack

from tests.hostile.attack import Attack
from tests.hostile.check import check_aftermath
from tests.support.processes import Pair


def main() -> int:
    """The exit status: 1 when a promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--frames", type=int, default=1_000_000)
    arguments = parser.parse_args()
    with ExitStack() as stack:
        pair = Pair(stack)
        sidecar = pair.ready_sidecar()
        account = Attack(pair, sidecar, arguments.seed).run(arguments.frames)
        sys.stdout.write("\n".join(account.lines()) + "\n")
        check_aftermath(pair, sidecar, account.guis)
    sys.stdout.write("All logs verify, the refusals were said once, and nothing steered the terminal.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
