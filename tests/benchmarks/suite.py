"""What a benchmark is made of: trials that are repeated by turns, and rows that compare their medians with goals."""

import json
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import IO, NamedTuple, cast

from tests.benchmarks.inside import Metrics
from tests.support.processes import Pair, Process
from tests.support.waiting import until

LONG_S = 3600.0
# Trials of all alternatives are named by these, a colon and the alternative.
PATTERNS = {
    "bursts": "in bursts of 20",
    "paced": "one event each 0.5 ms",
    "1 of 3 threads": "1 producer, 2 busy threads",
    "8 of 10 threads": "8 producers, 2 busy threads",
}


class Options(NamedTuple):
    quick: bool = False
    gigabytes: float = 1.0
    events: int = 1_000_000


class Unavailable(Exception):  # noqa: N818 - no error: something is not installed here
    """A trial cannot be made on this machine; the text says why."""


class Trial(NamedTuple):
    """Measured once a round, at most `rounds` times."""

    name: str
    measure: Callable[[Options], Metrics]
    rounds: int = 100


class Figure(NamedTuple):
    """One metric of one trial."""

    trial: str
    metric: str


class Row(NamedTuple):
    """What is to be known. The value is divided by `over`, where there is one, and that is held against `goal`.

    `floor` is what it takes to send ready bytes, and nothing else: a goal below its ratio is out of reach for whoever sends.
    """

    group: str
    what: str
    value: Figure
    unit: str
    goal: float
    over: Figure | None = None
    at_most: bool = True
    floor: Figure | None = None

    @property
    def figures(self) -> list[Figure]:
        """All that is to be measured for it."""
        return [each for each in (self.value, self.over, self.floor) if each]


# By the trial's name: of each round, what was measured; or why nothing was.
Results = dict[str, list[Metrics]]
Reasons = dict[str, str]


class Judged(NamedTuple):
    """A row with its medians, and the floor's ratio. None: not measured, for `reason`."""

    row: Row
    value: float | None
    ratio: float | None
    met: bool | None
    reason: str = ""
    floor: float | None = None


class Spread(NamedTuple):
    low: float
    median: float
    high: float


def spread(values: Sequence[float]) -> Spread:
    """Quartiles and median."""
    if len(values) < 2:
        return Spread(values[0], values[0], values[0])
    return Spread(*statistics.quantiles(values, n=4, method="inclusive"))


def median_of(results: Mapping[str, list[Metrics]], figure: Figure) -> float | None:
    rounds = results.get(figure.trial)
    return statistics.median(each[figure.metric] for each in rounds) if rounds else None


def judge(row: Row, results: Mapping[str, list[Metrics]], reasons: Mapping[str, str]) -> Judged:
    figures = [row.value, *([row.over] if row.over else [])]
    medians = [median_of(results, each) for each in figures]
    if None in medians:
        missing = figures[medians.index(None)].trial
        return Judged(row, medians[0], None, None, reasons.get(missing, "not measured"))
    value, *over = cast("list[float]", medians)
    if over and over[0] <= 0:
        return Judged(row, value, None, None, "what it is compared with is too small to measure")
    ratio = value / over[0] if over else None
    held = value if ratio is None else ratio
    floor = median_of(results, row.floor) if row.floor else None
    return Judged(
        row,
        value,
        ratio,
        held <= row.goal if row.at_most else held >= row.goal,
        floor=floor / over[0] if floor is not None and over else None,
    )


def run(
    trials: Iterable[Trial], rounds: int, options: Options, tell: Callable[[str], None]
) -> Iterator[tuple[Results, Reasons]]:
    """Every trial once a round, in the order that they have; every other round backwards. What is known after each round."""
    results: Results = {}
    reasons: Reasons = {}
    chosen = list(trials)
    for number in range(rounds):
        for trial in chosen if number % 2 == 0 else reversed(chosen):
            if number >= trial.rounds or trial.name in reasons:
                continue
            tell(f"round {number + 1} of {rounds}: {trial.name}")
            try:
                results.setdefault(trial.name, []).append(trial.measure(options))
            except Unavailable as reason:
                reasons[trial.name] = str(reason)
            except AssertionError as failure:
                # One trial that fails is said in its row; hours of others are not thrown away for it.
                reasons[trial.name] = f"failed: {str(failure).splitlines()[0]}"[:300]
        yield {name: each for name, each in results.items() if each}, reasons


def child(pair: Pair, module: str, function: str, **arguments: object) -> Process:
    """A process that measures; see inside/."""
    return pair.python("-m", "tests.benchmarks.inside", module, function, json.dumps(arguments))


def go_on(process: Process) -> None:
    """Tell a process that waits for it."""
    stdin = cast("IO[bytes]", process.popen.stdin)
    stdin.write(b"\n")
    stdin.flush()


def outcome(process: Process) -> Metrics:
    """What it measured. Raises Unavailable with what it misses."""
    until(
        lambda: any(line.startswith("{") for line in process.out.copy()) or process.popen.poll() is not None,
        lambda: f"a result; {process.err[-3:]}",
        LONG_S,
    )
    if process.popen.poll() is not None:
        process.wait()
    lines = [line for line in process.out if line.startswith("{")]
    assert lines, f"it ended without a result: {process.err[-1:]}"
    found = json.loads(lines[0])
    if "unavailable" in found:
        raise Unavailable(found["unavailable"])
    return cast("Metrics", found)


def measured(
    module: str, function: str, *, sidecar: bool = False, writes: bool = False, **arguments: object
) -> Metrics:
    """Measure in a process of its own, with directories, and with `sidecar` one of those, of its own.

    With `writes`, it is told a directory where it may write.
    """
    with ExitStack() as stack:
        pair = Pair(stack)
        if sidecar:
            pair.ready_sidecar()
        place: dict[str, object] = {"directory": str(pair.root)} if writes else {}
        return outcome(child(pair, module, function, **place, **arguments))
