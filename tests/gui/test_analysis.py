import pandas as pd
import pytest

from gui.analysis import Analysis, Finding, Kind, analyse, guess_type
from gui.loading import SAMPLE
from gui.table import load_table


def analysis(**columns: list[str]) -> Analysis:
    return analyse(pd.DataFrame(columns, dtype="str"))


def found(kind: Kind, **columns: list[str]) -> list[Finding]:
    return [finding for finding in analysis(**columns).findings if finding.kind is kind]


def test_a_tidy_table_has_no_findings() -> None:
    result = analysis(a=["x", "y z"], b=["1", "2"])
    assert result.findings == ()
    assert (result.rows, result.missing, result.duplicate_rows) == (2, 0, 0)


def test_missing_values_are_empty_cells_and_cells_of_spaces() -> None:
    result = analysis(a=["", " ", "\u00a0\t", "x"])
    assert result.missing == 3
    assert [(f.kind, f.count) for f in result.findings if f.kind is not Kind.DUPLICATES] == [(Kind.MISSING, 3)]


def test_duplicate_rows_are_those_that_repeat_an_earlier_one() -> None:
    result = analysis(a=["x", "y", "x", "x"], b=["1", "1", "1", "2"])
    assert result.duplicate_rows == 1
    assert result.findings[0] == Finding("", Kind.DUPLICATES, 1, "Row 3 repeats an earlier one")


@pytest.mark.parametrize(
    ("kind", "bad", "example"),
    [
        (Kind.SPACES, " x", "·x"),
        (Kind.SPACES, "x  y", "x··y"),
        (Kind.SPACES, "x\u00a0y", "x⍽y"),
        (Kind.SPACES, "x\t", "x⇥"),
        (Kind.MOJIBAKE, "MÃ¼ller", "MÃ¼ller"),
        (Kind.QUOTES, "don\u2019t", "don\u2019t"),
        (Kind.ZERO_WIDTH, "x\u200by", "x[U+200B]y"),
        (Kind.DECOMPOSED, "Zoe\u0308", "Zoe[U+0308]"),
    ],
)
def test_each_kind_is_found_with_its_count_and_an_example(kind: Kind, bad: str, example: str) -> None:
    assert found(kind, a=[bad, "fine", bad], b=["1", "2", "3"]) == [Finding("a", kind, 2, example)]
    assert analysis(a=[bad, "fine", bad], b=["1", "2", "3"]).kinds() == {str(kind): 2}


@pytest.mark.parametrize("text", ["Wants the â€˜Proâ€™ plan", "ESPAÃ‘A", "MarÃ\u00ada"])  # noqa: RUF001 the point of it
def test_a_broken_text_is_not_blamed_for_what_its_bytes_look_like(text: str) -> None:
    assert [finding.kind for finding in analysis(a=[text, "x"]).findings] == [Kind.MOJIBAKE]


def test_mixed_case_counts_the_cells_that_differ_from_the_usual_spelling() -> None:
    findings = found(Kind.CASE, a=["Active", "active", "active", "ACTIVE", "other"], b=["1", "2", "3", "4", "5"])
    assert findings == [Finding("a", Kind.CASE, 2, "Active beside active")]


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        (["1", " -22 ", "+3"], "Whole number"),
        (["1", "2.5", "3,5"], "Decimal number"),
        (["2024-01-02", "3.4.2024", "5/6/24"], "Date"),
        (["2024-01-02T03:04:05Z", "2024-01-02 03:04"], "Date and time"),
        (["yes", "No", "TRUE"], "Yes or no"),
        (["a@example.org"], "E-mail"),
        (["1", "x"], "Text"),
        ([], "Empty"),
    ],
)
def test_types_are_guessed_when_every_value_fits(texts: list[str], name: str) -> None:
    assert guess_type(dict.fromkeys(texts, 1)) == name


def test_the_sample_has_every_kind_of_trouble() -> None:
    table = load_table(SAMPLE.read_bytes(), SAMPLE.name)
    result = analyse(table.frame)
    assert {finding.kind for finding in result.findings} == set(Kind)
    assert (result.rows, table.notes) == (200, ())
    assert {"Date", "E-mail", "Text", "Whole number"} == {column.type for column in result.columns}
