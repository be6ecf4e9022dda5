"""What somebody forges who knows the format: no event is lost to it, no sidecar dies of it, and `verify` finds what can be found.

The limit is an end that is chained well and says nothing that the run could not have said: only `--head` finds that.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.chain import head_of, sidecar_body
from shared.naming import log_name
from tests.fault.damage import chained, head_at, joined, stranger
from tests.fault.read_once import read_each_line_once
from tests.fault.recovering import DEAD, HELD, LOGGED, Recovery, with_dead_gui, with_living_gui
from tests.fault.whole_log import whole_log
from tests.log.bench import NOW, RUN
from tests.verify.logs import check

__all__ = ["read_each_line_once"]

LINES = whole_log(DEAD, 60)
DATA = joined(LINES)
HEAD = head_of(LINES[-1])
LAST: int = json.loads(LINES[-1])["seq"]
MOST = 2**63 - 1


def survived(directory: Path, data: bytes, *, living: bool = True) -> Recovery:
    """A sidecar that met these bytes, and did nothing wrong."""
    recovery = Recovery(directory / "logs", {1: data}, with_living_gui(LAST) if living else with_dead_gui)
    recovery.check(LAST + HELD + LOGGED if living else 0)
    return recovery


# Numbers.


def gap(first: object, last: object, accounted: object) -> bytes:
    extra: dict[str, object] = {"lost_from": first, "lost_to": last, "reason": "forged"}
    return sidecar_body(NOW, "warning", "Forged", extra, 0)[:-1] + json.dumps(accounted).encode()


def record(last: int) -> bytes:
    return sidecar_body(NOW, "info", "Forged", {"repaired_bytes": 1}, 0)[:-1] + str(last).encode()


AHEAD = {
    "an event that was never sent": stranger(LAST + HELD + 1, HEAD),
    "an event far ahead": stranger(LAST + 500, HEAD),
    "the last number of all": stranger(MOST, HEAD),
    "a number larger than any": stranger(2**70, HEAD),
    "a gap to a number never given out": chained([gap(LAST + 1, LAST + 1000, LAST + 1000)], HEAD)[0],
    "a gap to the end of all numbers": chained([gap(LAST + 1, MOST, MOST)], HEAD)[0],
    "a gap beyond that": chained([gap(LAST + 1, 2**70, 2**70)], HEAD)[0],
    "a gap that contradicts itself": chained([gap(LAST + 1, LAST + 1, LAST + 2)], HEAD)[0],
    "a gap that goes back": chained([gap(LAST + 1, LAST, LAST)], HEAD)[0],
    "a gap from nowhere": chained([gap("x", [], LAST + 2)], HEAD)[0],
    "a record of a number never given out": chained([record(LAST + 1000)], HEAD)[0],
    "a record of a number not in the log": chained([record(LAST + 1)], HEAD)[0],
    "a record of a negative number": chained([record(-5)], HEAD)[0],
}


@pytest.mark.parametrize("line", AHEAD.values(), ids=AHEAD)
def test_numbers_that_the_run_never_gave_out_swallow_none_of_its_events(tmp_path: Path, line: bytes) -> None:
    recovery = Recovery(tmp_path / "logs", {1: DATA + line + b"\n"}, with_living_gui(LAST))
    recovery.check_evidence()
    recovery.check_said()
    recovery.check_numbers(LAST + HELD + LOGGED)
    # Also of the gaps that look true to who does not know what the run gave out.
    assert check(*recovery.after.values()).findings
    assert [each.get("seq") for each in recovery.new_records()][-3:] == [LAST + 1, LAST + 2, LAST + 3]
    assert recovery.after[1] == DATA + line + b"\n"


def test_an_end_that_is_chained_well_and_may_be_true_is_the_limit(tmp_path: Path) -> None:
    data = DATA + stranger(LAST + 1, HEAD) + b"\n"
    recovery = survived(tmp_path, data)
    assert [each["seq"] for each in recovery.new_records()] == [LAST + 2, LAST + 3]
    report = check(recovery.after[1], head=HEAD)
    assert (report.findings, report.since) == ([], 3)


def test_gaps_of_which_no_sum_can_be_told_do_not_reach_the_sums(tmp_path: Path) -> None:
    for line in (gap(1, MOST, 1), gap(MOST, 1, 1), gap(-MOST, MOST, 1), gap(-(2**80), 2**80, 1)):
        strange = chained([line] * 3, head_at(LINES, 30))
        for living in (True, False):
            recovery = survived(tmp_path, joined([*LINES[:30], *strange, *LINES[30:]]), living=living)
            recovery.clear()


# Lines.

PREV = b'"prev":"%b"}' % HEAD.encode()
DEEP = b'{"a":' * 50_000 + b"1" + b"}" * 50_000
ODD_LINES = {
    "nested deeply": DEEP,
    "nested deeply where a number belongs": b'{"lost_from":' + b"[" * 50_000 + b"]" * 50_000 + b',"last":1,' + PREV,
    "brackets alone": b"[" * 100_000,
    "no UTF-8 in a category": b'{"category":"\xff\xfe","seq":%d,' % (LAST + 1) + PREV,
    "no UTF-8 in an outcome": b'{"category":"audit","outcome":"\xff","last":%d,' % LAST + PREV,
    "half a surrogate": b'{"category":"\\ud800","seq":%d,' % (LAST + 1) + PREV,
    "a key twice": b'{"seq":1,"seq":%d,' % (LAST + 500) + PREV,
    "a number with a point": b'{"seq":%d.0,' % (LAST + 1) + PREV,
    "a number of 5000 digits": b'{"seq":1%b,' % (b"0" * 5000) + PREV,
    "true for a number": b'{"seq":true,' + PREV,
    "a prev of 64 other characters": b'{"seq":%d,"prev":"%b"}' % (LAST + 1, "ü".encode() * 64),
    "zeros": bytes(300),
    "a lone carriage return": b"\r",
}


@pytest.mark.parametrize("living", [True, False])
@pytest.mark.parametrize("line", ODD_LINES.values(), ids=ODD_LINES)
def test_a_line_that_is_odd_in_any_way_kills_no_sidecar(tmp_path: Path, line: bytes, *, living: bool) -> None:
    for at in (0, 1, 30, len(LINES)):
        recovery = Recovery(
            tmp_path / "logs",
            {1: joined([*LINES[:at], line, *LINES[at:]])},
            with_living_gui(LAST) if living else with_dead_gui,
        )
        recovery.check_evidence()
        recovery.check_said()
        if living:
            recovery.check_numbers(LAST + HELD + LOGGED)
        recovery.clear()


def test_a_line_of_100_mb_is_met_in_bounded_memory_and_left_as_it_is(tmp_path: Path) -> None:
    recovery = Recovery(tmp_path / "logs", {1: DATA + b"x" * 100_000_000 + b"\n"}, with_living_gui(LAST))
    recovery.check_evidence()
    recovery.check_said()
    recovery.check_numbers(LAST + HELD + LOGGED)


def test_a_file_larger_than_memory_is_met_in_bounded_memory(tmp_path: Path) -> None:
    def grown(life: Callable[..., list[str]]) -> Callable[..., list[str]]:
        def live(bench: object) -> list[str]:
            # Sparse: the disk has room for it.
            os.truncate(tmp_path / "logs" / log_name(RUN), 2**40)
            try:
                return life(bench)
            finally:
                os.truncate(tmp_path / "logs" / log_name(RUN), len(DATA))

        return live

    recovery = Recovery(tmp_path / "logs", {1: DATA}, grown(with_living_gui(LAST)))
    recovery.check_said()
    recovery.check_numbers(LAST + HELD + LOGGED)


# Opening lines.

OPENINGS: dict[str, object] = {
    "pid": [-1, 0, 1, 2**31, 2**64, 10**30, "x", None],
    "started": [-1e300, 1e300, 0, "x", None],
    "lost": [-5, 10**6, 10**30, "x", None],
    "host": ["elsewhere", "", 5],
    "run": ["20261123T153000Z-00000000", "../../x", 5],
    "part": [0, -1, 2, 10**30, "x"],
    "continues": ["trust me", "", 5],
    "last": [1, LAST, LAST + HELD, 10**30],
}


@pytest.mark.parametrize("living", [True, False])
@pytest.mark.parametrize("key", OPENINGS)
def test_an_opening_line_that_says_anything_kills_no_sidecar(tmp_path: Path, key: str, *, living: bool) -> None:
    values = OPENINGS[key]
    assert isinstance(values, list)
    for value in values:
        changed = json.dumps({**json.loads(LINES[0]), key: value}, separators=(",", ":")).encode()
        survived(tmp_path, joined([changed, *LINES[1:]]), living=living).clear()
