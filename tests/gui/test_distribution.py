"""Bars that say how the values of a column are spread."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.distribution import MAX_BARS, MAX_TEXTS, Bar, Distribution, spread
from gui.texts import distinct


def spread_of(texts: list[str], column_type: str) -> Distribution:
    return spread(distinct(pd.Series(texts, dtype="str")), column_type)


def test_numbers_fall_into_steps_that_people_count_in() -> None:
    result = spread_of(["1", " 2 ", "30", "", "100"], "Whole number")
    assert result.kind == "numbers"
    assert result.bars[0] == Bar("0 to 5", 2, 0, 5)
    assert [(bar.label, bar.rows) for bar in result.bars if bar.rows] == [
        ("0 to 5", 2),
        ("30 to 35", 1),
        ("100 to 105", 1),
    ]


def test_a_decimal_comma_is_one_and_equal_numbers_are_one_bar() -> None:
    assert spread_of(["1,5", "1,5"], "Decimal number").bars == (Bar("1 to 2", 2, 1, 2),)


def test_dates_are_counted_by_month_and_many_of_them_by_year() -> None:
    assert spread_of(["2024-02-01", "2024-01-31", "2024-01-02T03:04", ""], "Date").bars == (
        Bar("2024-01", 2), Bar("2024-02", 1),
    )  # fmt: skip
    months = [f"20{year}-{month:02}-01" for year in range(20, 25) for month in range(1, 13)]
    assert spread_of(months, "Date").bars[0] == Bar("2020", 12)


def test_dates_of_other_forms_are_counted_as_texts() -> None:
    assert spread_of(["1.2.2024", "2024-01-01"], "Date").kind == "texts"


def test_the_most_common_texts_come_first_and_the_others_are_counted() -> None:
    texts = [f"rare {number}" for number in range(12)] + ["usual"] * 3 + ["", " "]
    result = spread_of(texts, "Text")
    assert result.bars[:2] == (Bar("usual", 3), Bar("rare 0", 1))
    assert (len(result.bars), result.others) == (MAX_TEXTS, 3)
    assert spread_of(["", " "], "Empty") == Distribution("texts", ())


whole = st.integers(-(10**17), 10**17).map(str)
decimal = st.integers(-(10**9), 10**9).map(lambda thousandths: f"{thousandths / 1000:.3f}")


@pytest.mark.parametrize("column_type", ["Whole number", "Decimal number"])
@given(st.lists(whole | decimal, min_size=1))
def test_every_number_is_in_a_bar_and_there_are_few_bars(column_type: str, numbers: list[str]) -> None:
    result = spread_of(numbers, column_type)
    assert sum(bar.rows for bar in result.bars) == len(numbers)
    assert len(result.bars) <= 2 * MAX_BARS
    assert all(one.end == two.start for one, two in zip(result.bars, result.bars[1:], strict=False))
