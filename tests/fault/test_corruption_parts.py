"""Files that somebody puts beside a log under the names of its parts: no event is lost to them, and `verify` finds them."""

import json
import re
from pathlib import Path

import pytest

from shared.chain import head_of
from shared.naming import MAX_PART, parse_log_name
from sidecar import records
from tests.fault.damage import Lines, chained, head_at, joined
from tests.fault.recovering import DEAD, HELD, LOGGED, Files, Recovery, with_dead_gui, with_living_gui
from tests.fault.whole_log import whole_log
from tests.log.bench import NOW, RUN
from tests.verify.logs import check

LINES = whole_log(DEAD, 30)
LAST: int = json.loads(LINES[-1])["seq"]
HEAD = head_of(LINES[-1])
LIVES = 3


def opening(last: int, head: str = HEAD, continues: str = "") -> Lines:
    return chained([records.opening(NOW, RUN, DEAD, 2, 0, last, continues)], head)


STRANGERS = {
    "nothing": b"",
    "one byte": b"x",
    "a zero": bytes(1),
    "a newline": b"\n",
    "garbage": b"somebody's notes\n",
    "the log itself": joined(LINES),
}
OPENINGS = {
    "the right one": opening(LAST),
    "of a number never given out": opening(LAST + 1000),
    "of a number not in the log": opening(LAST + 1),
    "of a number further back": opening(3),
    "of another log": opening(LAST, "ab" * 32),
}


def survived(directory: Path, files: Files) -> Recovery:
    """Several sidecars, one after the other, as if they had been one."""
    recovery = Recovery(directory, files, with_living_gui(LAST))
    said = recovery.said
    for life in range(1, LIVES):
        recovery = recovery.again(with_living_gui(LAST + life * (HELD + LOGGED)))
        said += recovery.said
    recovery.before, recovery.said = files, said
    return recovery


def check_survived(recovery: Recovery) -> None:
    recovery.check_evidence()
    written = [each for each in recovery.new_records() if "seq" in each or "lost_from" in each]
    assert [each["seq"] for each in written] == [*range(LAST + 1, LAST + LIVES * (HELD + LOGGED) + 1)]
    assert all(parse_log_name(path.name) for path in recovery.directory.iterdir()), "a part that nobody finds again"
    before, after = (check(*files.values(), numbers=list(files)) for files in (recovery.before, recovery.after))
    assert bool(before.findings) == bool(after.findings)


@pytest.mark.parametrize("part", [2, 3, 1000, MAX_PART])
@pytest.mark.parametrize("data", STRANGERS.values(), ids=STRANGERS)
def test_a_file_under_the_name_of_a_part_swallows_no_event(tmp_path: Path, data: bytes, part: int) -> None:
    check_survived(survived(tmp_path / "logs", {1: joined(LINES), part: data}))


@pytest.mark.parametrize("part", [2, 3, 1000, MAX_PART])
@pytest.mark.parametrize("lines", OPENINGS.values(), ids=OPENINGS)
def test_a_forged_opening_line_swallows_no_event(tmp_path: Path, lines: Lines, part: int) -> None:
    check_survived(survived(tmp_path / "logs", {1: joined(LINES), part: joined(lines)}))


@pytest.mark.parametrize("data", [*STRANGERS.values(), *map(joined, OPENINGS.values())], ids=[*STRANGERS, *OPENINGS])
@pytest.mark.parametrize("part", [2, 3, MAX_PART])
def test_the_log_of_a_dead_run_with_such_a_file_kills_no_sidecar(tmp_path: Path, data: bytes, part: int) -> None:
    recovery = Recovery(tmp_path / "logs", {1: joined(LINES), part: data}, with_dead_gui)
    recovery.check_evidence()
    recovery.again(with_dead_gui).check_evidence()


def test_a_part_that_goes_on_from_further_back_than_the_log_ends_is_found(tmp_path: Path) -> None:
    forged = opening(json.loads(LINES[3])["seq"], head_at(LINES, 4), "trust me")
    recovery = Recovery(tmp_path / "logs", {1: joined(LINES), 2: joined(forged)}, with_living_gui(LAST))
    recovery.check(LAST + HELD + LOGGED)
    [finding] = check(*recovery.after.values()).findings
    assert (finding.kind, finding.first.number, finding.last.number) == ("inserted", 5, len(LINES))


def test_behind_zeros_such_a_part_is_the_limit_which_the_head_finds() -> None:
    # As an end that was cut and written anew: it is not told from what a power cut leaves.
    zeroed = joined(LINES[:4]) + bytes(300) + joined(LINES[4:])[300:]
    forged = opening(json.loads(LINES[3])["seq"], head_at(LINES, 4), "trust me")
    report = check(zeroed, joined(forged), head=HEAD)
    assert (report.findings, report.sought) == ([], None)


def test_a_byte_that_became_zero_is_no_hole_that_a_power_cut_leaves(tmp_path: Path) -> None:
    # The run is dead: nobody can say which of its events had been acknowledged.
    for at in range(1, len(LINES) - 1):
        zeroed = re.sub(rb'"level":"[a-z]', b'"level":"\0', LINES[at], count=1)
        assert zeroed != LINES[at]
        data = joined([*LINES[:at], zeroed, *LINES[at + 1 :]])
        recovery = Recovery(tmp_path / "logs", {1: data}, with_dead_gui)
        recovery.check(0)
        recovery.clear()
