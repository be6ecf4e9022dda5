"""Whether the benchmarks run and say what they measured; never how fast anything is."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import choose
from tests.benchmarks.alternatives import OURS
from tests.benchmarks.report import calls, goals, say
from tests.benchmarks.suite import (
    Figure,
    Options,
    Row,
    Spread,
    Trial,
    Unavailable,
    judge,
    run,
    spread,
)
from tests.support.waiting import ROOT

OURS_P50, THEIRS_P50 = Figure("paced: ours", "p50"), Figure("paced: theirs", "p50")
ROW = Row("calls", "p50 / theirs", OURS_P50, "µs", 0.5, THEIRS_P50)
RESULTS = {"paced: ours": [{"p50": 3e-6}, {"p50": 1e-6}, {"p50": 2e-6}], "paced: theirs": [{"p50": 8e-6}]}


@pytest.mark.parametrize(
    ("row", "ratio", "met"),
    [
        (ROW, 0.25, True),
        (ROW._replace(goal=0.2), 0.25, False),
        (ROW._replace(at_most=False), 0.25, False),
        (ROW._replace(at_most=False, goal=0.25), 0.25, True),
        (ROW._replace(over=None, goal=2e-6), None, True),
        (ROW._replace(over=None, goal=1e-6), None, False),
    ],
)
def test_a_goal_is_held_against_the_ratio_of_the_medians_or_the_median_itself(
    row: Row, ratio: float | None, *, met: bool
) -> None:
    judged = judge(row, RESULTS, {})
    assert (judged.value, judged.met) == (2e-6, met)
    assert judged.ratio == (None if ratio is None else pytest.approx(ratio))


def test_what_could_not_be_measured_is_neither_met_nor_missed_and_says_why() -> None:
    judged = judge(ROW, {"paced: ours": RESULTS["paced: ours"]}, {"paced: theirs": "theirs is not installed"})
    assert (judged.value, judged.ratio, judged.met) == (2e-6, None, None)
    assert goals([judged]).splitlines()[-1].endswith("| not measured: theirs is not installed |  |")


def test_the_table_of_goals_has_value_ratio_goal_and_verdict() -> None:
    assert goals([judge(ROW, RESULTS, {})]).splitlines()[-1] == "| p50 / theirs | 2 µs | 0.25 | ≤ 0.5 | met |  |"


def test_beside_a_goal_stands_what_the_floor_takes_of_it() -> None:
    row = ROW._replace(floor=Figure("paced: floor", "p50"))
    judged = judge(row, {**RESULTS, "paced: floor": [{"p50": 1e-6}]}, {})
    assert judged.floor == pytest.approx(0.125)
    assert goals([judged]).splitlines()[-1].endswith("| met | 0.12 |")
    assert judge(row, RESULTS, {}).floor is None


def test_the_table_of_a_pattern_says_how_many_times_ours_each_alternative_takes() -> None:
    quantiles = dict.fromkeys(("p50", "p90", "p99", "p99.9", "max"), 2e-6)
    slow = {name: 3 * each for name, each in quantiles.items()}
    results = {f"paced: {OURS}": [quantiles], "paced: slow": [slow]}
    *_, ours, theirs, missing = calls(results, {"paced: other": "other is not installed"})
    assert ours == f"| {OURS} | 2 µs | 2 µs | 2 µs | 2 µs | 2 µs | 1.00 | 2 µs to 2 µs |"
    assert theirs == "| slow | 6 µs | 6 µs | 6 µs | 6 µs | 6 µs | 3.00 | 6 µs to 6 µs |"
    assert missing.startswith("| other | other is not installed |")
    assert missing.count("|") == ours.count("|")


def test_quartiles_of_one_round_are_that_round() -> None:
    assert spread([4.0]) == Spread(4.0, 4.0, 4.0)
    assert spread([1.0, 2.0, 3.0, 4.0, 5.0]) == Spread(2.0, 3.0, 4.0)


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [(0.000_012_34, "µs", "12.3 µs"), (1.5, "ms", "1,500 ms"), (0.003, "%", "0.30 %"), (0.0, "", "0"), (7, "", "7")],
)
def test_numbers_are_said_with_three_digits_or_so(value: float, unit: str, said: str) -> None:
    assert say(value, unit) == said


def test_trials_take_turns_and_every_other_round_goes_backwards() -> None:
    made = []

    def trial(name: str, rounds: int = 100) -> Trial:
        def measure(_: Options) -> dict[str, float]:
            made.append(name)
            return {"n": len(made)}

        return Trial(name, measure, rounds)

    *_, (results, reasons) = run([trial("a"), trial("b", 1), trial("c")], 2, Options(), lambda _: None)
    assert made == ["a", "b", "c", "c", "a"]
    assert {name: len(rounds) for name, rounds in results.items()} == {"a": 2, "b": 1, "c": 2}
    assert not reasons


def test_what_is_unavailable_or_fails_is_tried_once_and_the_rest_goes_on() -> None:
    def unavailable(_: Options) -> dict[str, float]:
        raise Unavailable("no such thing here")

    def failing(_: Options) -> dict[str, float]:
        raise AssertionError("it ended\nbadly")

    trials = [Trial("a", unavailable), Trial("b", failing), Trial("c", lambda _: {"n": 1.0})]
    *_, (results, reasons) = run(trials, 2, Options(), lambda _: None)
    assert results == {"c": [{"n": 1.0}, {"n": 1.0}]}
    assert reasons == {"a": "no such thing here", "b": "failed: it ended"}


def test_each_row_has_its_trials_and_each_trial_a_name_of_its_own() -> None:
    rows, trials = choose([])
    names = [trial.name for trial in trials]
    assert len(set(names)) == len(names)
    assert {figure.trial for row in rows for figure in row.figures} <= set(names)


def test_only_a_row_runs_just_the_trials_it_compares() -> None:
    rows, trials = choose(["slowdown of a render loop"])
    assert len(rows) == 1
    assert {trial.name for trial in trials} == {figure.trial for figure in rows[0].figures}


def test_one_row_is_measured_and_written_as_table_json_and_plot(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.benchmarks", "--quick", "--only", "import of gui.audit", "--out"]
    ended = subprocess.run([*command, str(tmp_path)], cwd=ROOT, check=True, capture_output=True, text=True)
    row = next(line for line in ended.stdout.splitlines() if "import of gui.audit" in line)
    assert row in (tmp_path / "results.md").read_text()
    results = json.loads((tmp_path / "results.json").read_text())
    assert results["measured"]["import of gui.audit"][0]["seconds"] > 0
    assert results["machine"]["cores"] > 0
    assert "vega" in (tmp_path / "results.html").read_text()
