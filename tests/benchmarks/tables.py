"""How long a large table takes, step by step, and how much memory: `python -m tests.benchmarks.tables`.

The table is made up: a key, names, towns, amounts, dates and remarks, every tenth text with a trouble. Peak memory is
the process's own, the file's bytes included.
"""

import argparse
import random
import sys
from collections.abc import Callable
from resource import RUSAGE_SELF, getrusage
from time import perf_counter
from typing import TypeVar

from gui.analysis import analyse
from gui.cleaning import Options, clean_frame, first_changes
from gui.deduplication import Matching, find_groups, without
from gui.table import load_table, to_csv
from gui.xlsx_writing import to_xlsx

_T = TypeVar("_T")
_SHOWN = 200


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.tables", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument(
        "--width", type=int, default=120, help="characters of the remark; 120 make some 200 MB a million rows"
    )
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    data = made_up(arguments.rows, arguments.width, arguments.seed)
    sys.stdout.write(f"{arguments.rows:,} rows, {len(data) / 1e6:,.0f} MB\n")
    table = timed("load", lambda: load_table(data, "made-up.csv"))
    timed("analyse", lambda: analyse(table.frame))
    cleaned = timed("clean", lambda: clean_frame(table.frame, Options()))
    timed("first changes", lambda: first_changes(table.frame, cleaned, _SHOWN))
    timed("duplicates, all columns", lambda: find_groups(table.frame, Matching()))
    loose = Matching(("name", "town"), ignore_case=True, ignore_spaces=True)
    groups = timed("duplicates, two columns, loosely", lambda: find_groups(table.frame, loose))
    timed("remove them", lambda: without(table.frame, groups, {}))
    timed("to CSV", lambda: to_csv(cleaned.frame))
    timed("to XLSX", lambda: to_xlsx(cleaned.frame))


def made_up(rows: int, width: int, seed: int) -> bytes:
    """A CSV with a heading, the same for the same numbers."""
    chance = random.Random(seed)  # noqa: S311 no secret
    words = ["tea", "wool", "cord", "lamp", "paper", "glass", "salt", "stone", "oak"]
    names = [f"{first} {last}" for first in ("Ada", "Bob", "Zoë", "Eve") for last in range(20_000)]
    lines = ["id,name,town,amount,when,remark"]
    for number in range(rows):
        remark = " ".join(chance.choices(words, k=max(1, width // 6)))[:width]
        if number % 10 == 0:
            remark = f"“MÃ¼ller”  {remark}"
        space = " " if number % 10 == 0 else ""
        lines.append(
            f"{number // 2 * 2:09},{space}{chance.choice(names)},Town {number % 997},{number % 8_999 / 100},"
            f'{2000 + number % 27}-{number % 12 + 1:02}-11,"{remark}, {number // 2}"'
        )
    return "\n".join(lines).encode()


def timed(name: str, work: Callable[[], _T]) -> _T:
    start = perf_counter()
    result = work()
    # In KiB on Linux.
    peak = getrusage(RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    sys.stdout.write(f"{name:34} {perf_counter() - start:7.1f} s, peak so far {peak:.1f} GB\n")
    sys.stdout.flush()
    return result


if __name__ == "__main__":
    main()
