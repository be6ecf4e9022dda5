import dataclasses
import unicodedata
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.analysis import Kind, analyse
from gui.cleaning import Case, Change, Options, clean_frame, clean_text, first_changes
from gui.loading import SAMPLE
from gui.table import load_table

NOTHING = Options(trim=False, collapse=False, quotes=False, mojibake=False, compose=False, zero_width=False)


@pytest.mark.parametrize(
    ("option", "before", "after"),
    [
        ("trim", " a  b\u00a0", "a  b"),
        ("collapse", " a  b\t", " a b "),
        ("quotes", "\u201ca\u201d", '"a"'),
        ("mojibake", "MÃ¼ller ", "Müller "),
        ("compose", "Zoe\u0308 ", "Zoë "),
        ("zero_width", " a\u200b", " a"),
    ],
)
def test_each_option_mends_its_own_trouble_alone(option: str, before: str, after: str) -> None:
    switch: dict[str, Any] = {option: True}
    assert clean_text(before, dataclasses.replace(NOTHING, **switch)) == after
    assert clean_text(before, NOTHING) == before


@pytest.mark.parametrize(
    ("case", "after"), [(Case.KEEP, "sTRASSE x"), (Case.LOWER, "strasse x"), (Case.UPPER, "STRASSE X"), (Case.TITLE, "Strasse X")]
)  # fmt: skip
def test_capitals_change_in_the_chosen_columns_alone(case: Case, after: str) -> None:
    frame = pd.DataFrame({"a": ["sTRASSE x"], "b": ["sTRASSE x"]}, dtype="str")
    cleaned = clean_frame(frame, Options(case=case, case_columns=("a",)))
    assert cleaned.frame.to_numpy().tolist() == [[after, "sTRASSE x"]]


def test_one_cure_that_uncovers_another_trouble_is_followed_by_its_cure() -> None:
    assert clean_text("a \u200b b\u200b ", Options()) == "a b"


def test_changed_cells_are_counted_and_the_table_before_is_left_as_it_was() -> None:
    frame = pd.DataFrame({"a": [" x", "y", "z "], "b": ["1", "2", "3"]}, dtype="str")
    cleaned = clean_frame(frame, Options())
    assert (cleaned.changed, cleaned.cells) == ({"a": 2}, 2)
    assert cleaned.frame["a"].tolist() == ["x", "y", "z"]
    assert frame["a"].tolist() == [" x", "y", "z "]
    assert cleaned.frame.dtypes.tolist() == frame.dtypes.tolist()


def test_the_first_changes_come_from_the_top_whatever_the_column() -> None:
    frame = pd.DataFrame({"a": ["x", "y", " z"], "b": [" 1", "2", " 3"]}, dtype="str")
    cleaned = clean_frame(frame, Options())
    assert first_changes(frame, cleaned, 2) == [Change(1, "b", " 1", "1"), Change(3, "a", " z", "z")]
    assert first_changes(frame, cleaned, 0) == []


def test_the_options_name_what_is_on_and_no_column() -> None:
    assert Options(trim=False, case=Case.LOWER, case_columns=("secret",)).names() == [
        "collapse", "quotes", "mojibake", "compose", "zero_width", "case: lower case",
    ]  # fmt: skip


def test_nothing_that_can_be_mended_is_left_in_the_sample() -> None:
    frame = load_table(SAMPLE.read_bytes(), SAMPLE.name).frame
    left = {finding.kind for finding in analyse(clean_frame(frame, Options()).frame).findings}
    assert left == {Kind.MISSING, Kind.DUPLICATES, Kind.CASE}


troubled = st.text(
    st.characters(exclude_categories=["Cs"])
    | st.sampled_from(" \t\n\u00a0\u200b\u200c\u200d\u00ad\ufeff\u201c\u2019\u0301\u0308ÃÂâ€™œÅ¼©ßŉǆİıΣς'a-")
)
options = st.builds(
    Options, st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.booleans(),
    st.sampled_from(Case),
)  # fmt: skip


@given(troubled, options)
def test_cleaning_twice_is_cleaning_once(text: str, chosen: Options) -> None:
    once = clean_text(text, chosen, with_case=True)
    assert clean_text(once, chosen, with_case=True) == once


@given(troubled)
def test_a_cleaned_text_is_trimmed_composed_and_without_runs_of_spaces(text: str) -> None:
    once = clean_text(text, Options())
    if once != text:
        assert once == once.strip()
        assert "  " not in once
        assert unicodedata.is_normalized("NFC", once)


@given(st.lists(troubled, min_size=1, max_size=5), options)
def test_cleaning_a_cleaned_table_changes_nothing(texts: list[str], chosen: Options) -> None:
    cleaned = clean_frame(pd.DataFrame({"a": texts}, dtype="str"), chosen)
    again = clean_frame(cleaned.frame, chosen)
    assert again.changed == {}
    assert again.frame["a"].tolist() == cleaned.frame["a"].tolist()
