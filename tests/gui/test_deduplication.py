"""Which rows are the same, which one stays, and is everything else left alone?"""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.deduplication import Groups, Keep, Matching, differing, find_groups, without


def table(*rows: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list("abc")[: len(rows[0])], dtype="str")


def members(groups: Groups) -> list[list[int]]:
    return [groups.members(number) for number in range(len(groups))]


PEOPLE = table(("Ada", "Rome"), ("Bob", ""), ("ada ", "Rome"), ("Ada", "Rome"), ("Bob", "Bonn"), ("Bob", "Oslo"))


@pytest.mark.parametrize(
    ("matching", "found", "survivors"),
    [
        (Matching(), [[0, 3]], [0]),
        (Matching(keep=Keep.LAST), [[0, 3]], [3]),
        (Matching(("a",)), [[0, 3], [1, 4, 5]], [0, 1]),
        (Matching(("a",), keep=Keep.FULLEST), [[0, 3], [1, 4, 5]], [0, 4]),
        (Matching(("a",), ignore_case=True), [[0, 3], [1, 4, 5]], [0, 1]),
        (Matching(("a",), ignore_spaces=True), [[0, 3], [1, 4, 5]], [0, 1]),
        (Matching(ignore_case=True, ignore_spaces=True), [[0, 2, 3]], [0]),
        (Matching(("b",), keep=Keep.LAST), [[0, 2, 3]], [3]),
    ],
)
def test_rows_are_the_same_by_what_was_chosen(matching: Matching, found: list[list[int]], survivors: list[int]) -> None:
    groups = find_groups(PEOPLE, matching)
    assert members(groups) == found
    assert groups.survivors.tolist() == survivors
    assert groups.surplus == sum(map(len, found)) - len(found)
    assert sum(size * many for size, many in groups.sizes().items()) == sum(map(len, found))


def test_rows_with_nothing_in_the_chosen_columns_are_no_duplicates_of_each_other() -> None:
    frame = table(("", "x"), (" ", "y"), ("", "z"), ("", "x"))
    assert not len(find_groups(frame, Matching(("a",), ignore_spaces=True)))
    assert members(find_groups(frame, Matching(("a", "b")))) == [[0, 3]]


def test_of_each_group_the_survivor_stays_or_whom_somebody_chose_or_all() -> None:
    groups = find_groups(PEOPLE, Matching(("a",)))
    assert without(PEOPLE, groups, {})["b"].tolist() == ["Rome", "", "Rome"]
    assert without(PEOPLE, groups, {1: 5})["b"].tolist() == ["Rome", "Rome", "Oslo"]
    assert len(without(PEOPLE, groups, {1: None})) == 5
    assert len(without(PEOPLE, groups, {0: None, 1: None})) == len(PEOPLE)


def test_the_columns_in_which_rows_differ_are_named() -> None:
    assert differing(PEOPLE, [1, 4, 5]) == ["b"]
    assert differing(PEOPLE, [0, 2]) == ["a"]
    assert differing(PEOPLE, [0, 3]) == []


def test_a_table_without_duplicates_has_no_group() -> None:
    groups = find_groups(table(("1", "x"), ("2", "x")), Matching())
    assert (len(groups), groups.surplus, groups.sizes()) == (0, 0, {})
    assert len(without(PEOPLE, find_groups(PEOPLE.head(0), Matching()), {})) == len(PEOPLE)


@given(
    st.lists(st.tuples(*[st.sampled_from(["", "x", "X", "x ", "y"])] * 3), min_size=1, max_size=40),
    st.sampled_from(Keep),
)
def test_what_is_left_is_each_different_row_once_as_pandas_finds_it(rows: list[tuple[str, ...]], keep: Keep) -> None:
    frame = table(*rows)
    left = without(frame, find_groups(frame, Matching(keep=keep)), {})
    expected = frame.drop_duplicates(keep="last") if keep is Keep.LAST else frame.drop_duplicates(keep="first")
    pd.testing.assert_frame_equal(left, expected.reset_index(drop=True))
