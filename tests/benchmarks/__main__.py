"""Everything that is measured, in one run: `uv run --group bench python -m tests.benchmarks`.

Each alternative runs in a process of its own, by turns, for some rounds. Prints the goals with what was reached, and writes
results.md, results.json and results.html.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks import machine, report
from tests.benchmarks.rows import calls, durable, forwarding, latency, many, memory, page, reading, render, threads
from tests.benchmarks.suite import Options, Row, Trial, judge, run
from tests.support.bytecode import keep_bytecode

GROUPS = {
    "calls": calls,
    "threads": threads,
    "render": render,
    "durable": durable,
    "latency": latency,
    "memory": memory,
    "reading": reading,
    "page": page,
    "many": many,
    "forwarding": forwarding,
}


def main() -> int:
    arguments = parse(sys.argv[1:])
    rows, trials = choose(arguments.only)
    if arguments.list:
        print("\n".join(f"{row.group:10} {row.what}" for row in rows))
        return 0
    if not rows:
        print(f"No row has a name with any of {arguments.only} in it; --list shows all.", file=sys.stderr)
        return 2
    # As an installation has it: an import that is measured is none of sources.
    keep_bytecode((arguments.out / "bytecode").resolve())
    here = machine.look()
    rounds = 1 if arguments.quick else arguments.rounds
    options = Options(arguments.quick, arguments.gigabytes, arguments.events)
    said = ""
    for number, (results, reasons) in enumerate(run(trials, rounds, options, tell), 1):
        head = f"Medians of at most {number} rounds, the alternatives by turns, each in a process of its own."
        judged = [judge(row, results, reasons) for row in rows]
        # After each round: whoever has no patience for the next one has this one.
        said = report.write(arguments.out, here, head, judged, results, reasons)
    print(said)
    print(f"With all that was measured: {arguments.out}/results.md, results.json")
    print(f"and a plot, which a browser draws with what it loads from the network: {arguments.out}/results.html")
    return 0


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="ROW", default=[], help="groups, or parts of rows' names")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="one short round: whether it works, not how fast")
    parser.add_argument("--gigabytes", type=float, default=1.0, help="size of the long log; the goals are for 10")
    parser.add_argument(
        "--events", type=int, default=1_000_000, help="length of the long run; the goal is for 10,000,000"
    )
    parser.add_argument("--out", type=Path, default=Path("benchmark-results"))
    parser.add_argument("--list", action="store_true", help="print the rows")
    return parser.parse_args(arguments)


def choose(only: Sequence[str]) -> tuple[list[Row], list[Trial]]:
    """The rows of groups so named, or with such a text in their names; and the trials that they need.

    With a whole group come its other alternatives, too.
    """
    rows = [
        row
        for name, group in GROUPS.items()
        for row in group.ROWS
        if not only or name in only or any(part in row.what for part in only)
    ]
    needed = {figure.trial for row in rows for figure in row.figures}
    trials = [
        trial
        for name, group in GROUPS.items()
        for trial in group.TRIALS
        if not only or name in only or trial.name in needed
    ]
    return rows, trials


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
