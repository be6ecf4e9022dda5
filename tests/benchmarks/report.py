"""Results as tables and as JSON."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.benchmarks.alternatives import OURS
from tests.benchmarks.inside import Metrics
from tests.benchmarks.machine import Machine
from tests.benchmarks.plot import plot
from tests.benchmarks.suite import PATTERNS, Figure, Judged, Reasons, Results, median_of, spread

# What a unit is in the one that is measured in.
SCALES = {"µs": 1e6, "ms": 1e3, "%": 100.0}
WORDS = {True: "met", False: "**missed**", None: "not measured"}
IN_PERCENT = {"slowdown", "cpu share"}
IN_MICROSECONDS = {"p50", "p90", "p99", "p99.9", "max", "cpu", "worst p50", "fsync p50"}
IN_MILLISECONDS = {"ready", "seconds", "restart", "query"}
COLUMNS = ("p50", "p90", "p99", "p99.9", "max")


def say(value: float, unit: str) -> str:
    scaled = value * SCALES.get(unit, 1.0)
    digits = 0 if abs(scaled) >= 1000 or scaled == int(scaled) else 1 if abs(scaled) >= 10 else 2
    return f"{scaled:,.{digits}f} {unit}".rstrip()


def unit_of(metric: str) -> str:
    """The unit in which a metric is said; times are measured in seconds."""
    for unit, metrics in (("%", IN_PERCENT), ("µs", IN_MICROSECONDS), ("ms", IN_MILLISECONDS)):
        if metric in metrics:
            return unit
    return ""


def goals(judged: Sequence[Judged]) -> str:
    lines = [
        "| what | value | ratio | goal | | the floor's ratio |",
        "|---|---|---|---|---|---|",
        *map(goal_line, judged),
    ]
    return "\n".join(lines) + "\n"


def goal_line(each: Judged) -> str:
    row = each.row
    value = "" if each.value is None else say(each.value, row.unit)
    ratio = "" if each.ratio is None else f"{each.ratio:.2f}"
    goal = f"{row.goal:g}" if row.over else say(row.goal, row.unit)
    verdict = f"{WORDS[each.met]}{f': {each.reason}' if each.reason else ''}"
    floor = "" if each.floor is None else f"{each.floor:.2f}"
    return f"| {row.what} | {value} | {ratio} | {'≤' if row.at_most else '≥'} {goal} | {verdict} | {floor} |"


def calls(results: Mapping[str, list[Metrics]], reasons: Mapping[str, str]) -> Iterator[str]:
    """A table for each pattern: the alternatives, the medians of their quantiles, and how many times ours their p50 is."""
    for pattern, what in PATTERNS.items():
        ours = median_of(results, Figure(f"{pattern}: {OURS}", "p50"))
        names = [name for name in [*results, *reasons] if name.startswith(f"{pattern}: ")]
        if names:
            heads = " | ".join((what, *COLUMNS, "p50 / ours", "quartiles of p50"))
            yield f"\n| {heads} |\n|{'---|' * (len(COLUMNS) + 3)}"
        for name in names:
            title = name.removeprefix(f"{pattern}: ")
            if name in reasons:
                yield f"| {title} | {reasons[name]} |{' |' * (len(COLUMNS) + 1)}"
                continue
            medians = [median_of(results, Figure(name, each)) or 0.0 for each in COLUMNS]
            low, _, high = spread([each["p50"] for each in results[name]])
            ratio = f"{medians[0] / ours:.2f}" if ours else ""
            cells = (title, *(say(each, "µs") for each in medians), ratio, f"{say(low, 'µs')} to {say(high, 'µs')}")
            yield f"| {' | '.join(cells)} |"


def others(results: Mapping[str, list[Metrics]]) -> Iterator[str]:
    """A line for each metric that is no quantile of a call of all alternatives."""
    yield "\n| measured | | median | quartiles | rounds |\n|---|---|---|---|---|"
    for name, rounds in results.items():
        for metric in rounds[0]:
            if name.partition(": ")[0] in PATTERNS and metric in COLUMNS:
                continue
            low, median, high = (say(each, unit_of(metric)) for each in spread([each[metric] for each in rounds]))
            yield f"| {name} | {metric} | {median} | {low} to {high} | {len(rounds)} |"


def write(
    directory: Path, machine: Machine, head: str, judged: Sequence[Judged], results: Results, reasons: Reasons
) -> str:
    """Write results.md, results.json and results.html. Returns the head and the goals as text."""
    directory.mkdir(parents=True, exist_ok=True)
    short = "\n".join([*machine.lines(), head, "", goals(judged)])
    whole = "\n".join([short, *calls(results, reasons), *others(results)])
    (directory / "results.md").write_text(f"{whole}\n", encoding="utf-8")
    verdicts = [
        {
            "what": each.row.what,
            "value": each.value,
            "ratio": each.ratio,
            "goal": each.row.goal,
            "met": each.met,
            "floor": each.floor,
        }
        for each in judged
    ]
    everything = {"machine": machine._asdict(), "goals": verdicts, "measured": results, "not measured": reasons}
    (directory / "results.json").write_text(json.dumps(everything, indent=1, ensure_ascii=False), encoding="utf-8")
    plot(results).save(directory / "results.html")
    return short
