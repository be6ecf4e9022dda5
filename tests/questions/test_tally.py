"""Counts by time and category, in a bounded number of cells."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shared.chain import format_time
from shared.questions import MAX_TALLIES, WIDTHS
from sidecar.query.lines import Line
from sidecar.reader.tally import Tallies

SECOND = 1_000_000


def line(ts: str, category: str = "nav", level: str = "info") -> Line:
    return Line(ts, level, category, "", "m", "", seq=1)


@given(st.lists(st.tuples(st.integers(0, 10**9), st.sampled_from("abc"), st.sampled_from(["info", "error"]))))
def test_nothing_that_is_counted_gets_lost_and_each_stands_in_its_span(
    counted: list[tuple[int, str, str]],
) -> None:
    tallies = Tallies()
    for second, category, level in counted:
        tallies.count(line(format_time(second * SECOND), category, level))
    found = tallies.finish()
    assert len(found) <= MAX_TALLIES
    assert sum(each.lines for each in found) == len(counted)
    assert sum(each.errors for each in found) == sum(level == "error" for _, _, level in counted)
    starts = {(second // tallies.width * tallies.width, category) for second, category, _ in counted}
    assert {(each.start, each.category) for each in found} == starts


def test_widths_divide_each_other() -> None:
    assert all(wide % narrow == 0 for narrow, wide in pairwise(WIDTHS))


def test_of_a_thousand_categories_the_rarest_become_one() -> None:
    tallies = Tallies()
    for number in range(1000):
        for _ in range(1 + 10 * (number < 5)):
            tallies.count(line(format_time(0), f"category {number}"))
    found = {each.category: each.lines for each in tallies.finish()}
    assert sum(found.values()) == 1050
    assert all(found[f"category {number}"] == 11 for number in range(5))
    assert found["others"] > 900


def test_a_time_that_is_none_is_left_out() -> None:
    tallies = Tallies()
    for ts in ("", "yesterday", "2026-13-45T00:00:00.000000Z", "\x00" * 30):
        tallies.count(line(ts))
    assert tallies.finish() == []
