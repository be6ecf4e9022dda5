"""How long do the questions of the Audit trail page take on a long log? `python -m tests.benchmarks.long_log [--gigabytes N]`.

Makes a log of that size in the temp directory, asks a real sidecar, prints the times, and removes it.
"""

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from time import monotonic

from shared.chain import GENESIS, event_body, format_time, head_of, sidecar_body
from shared.naming import log_name
from shared.questions import Back, Forth, Job, OneLine, Progress, Question, Runs, Stretch, Verify, Wanted
from tests.questions.asker import Asker
from tests.support.processes import Pair
from tests.support.waiting import until

RUN = "20261123T153000Z-a1b2c3d4"
START = 1_795_447_800_000_000
PART = 64 * 1024 * 1024
# One event each 5 ms.
STEP = 5_000
CATEGORIES = ["nav", "upload", "analyze", "tool_run", "download", "error"]


def write_part(path: Path, part: int, last: int, head: str) -> tuple[int, str]:
    """Write a part behind the event `last`, whose line has the hash `head`. Returns the same of its own last line."""
    opening = {"run": RUN, "pid": 1, "started": 0.0, "host": "elsewhere", "format": 1, "part": part, "lost": 0}
    body = sidecar_body(START + last * STEP, "info", "Log opened", opening, last)
    written = 0
    with path.open("wb", buffering=1024 * 1024) as file:
        while written < PART:
            line = b'%b,"prev":"%b"}' % (body, head.encode())
            head = head_of(line)
            written += file.write(line + b"\n")
            last += 1
            category = CATEGORIES[last % 997 % len(CATEGORIES)]
            level = "error" if category == "error" else "info"
            extra: dict[str, object] = {"filename": f"file {last}.csv", "rows": last}
            body = event_body(START + last * STEP, level, category, "a1b2c3d4", f"Did thing number {last}", extra, last)
    return last - 1, head


def write_log(directory: Path, size: int) -> int:
    """Write a log of so many bytes; the last event's number."""
    directory.mkdir()
    last, head = 0, GENESIS
    for part in range(1, max(size // PART, 1) + 1):
        last, head = write_part(directory / log_name(RUN, part), part, last, head)
    return last


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.long_log", description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--verify", action="store_true", help="check all of it, too")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        pair = Pair(stack)
        last = write_log(pair.audit, int(arguments.gigabytes * 1e9))
        pair.ready_sidecar()
        asker = stack.enter_context(Asker(pair.run_dir))
        sys.stdout.write(f"{last:,} events in {sum(path.stat().st_size for path in pair.log_files()):,} bytes\n")

        def ask(name: str, question: Question) -> object:
            begun = monotonic()
            answer = asker.ask(question)
            found = f", {sum(each.lines for each in answer.tallies):,} counted" if isinstance(answer, Stretch) else ""
            sys.stdout.write(f"{1000 * (monotonic() - begun):7.0f} ms  {name}{found}\n")
            return answer

        def at(seq: int) -> str:
            return format_time(START + seq * STEP)

        ask("the runs, and the start of the reader", Runs())
        newest = ask("the newest 200 lines", Back(RUN, Wanted(), None, 200, tally=False))
        assert isinstance(newest, Stretch)
        ask("the newest 200 lines, and counts as far as a slice goes", Back(RUN, Wanted(), None, 200, tally=True))
        ask("nothing new", Forth(RUN, Wanted(), newest.high, 200))
        ask("the last minute, all of it", Back(RUN, Wanted(since=at(last - 12_000)), None, 200, tally=True))
        middle = Wanted(since=at(last // 2 - 12_000), until=at(last // 2))
        ask("a minute in the middle", Back(RUN, middle, None, 200, tally=True))
        ask("a text that is nowhere, as far as a slice goes", Back(RUN, Wanted(text="nowhere"), None, 200, tally=True))
        ask("the newest line, whole", OneLine(RUN, newest.rows[0].place))
        if arguments.verify:
            begun = monotonic()
            job = ask("verify, begun", Verify(RUN))
            assert isinstance(job, Job)
            until(lambda: asker.job(Progress(job.job)).is_over, "the end of verify", 3600)
            sys.stdout.write(f"{monotonic() - begun:7.1f} s   verify, all of it\n")


if __name__ == "__main__":
    main()
