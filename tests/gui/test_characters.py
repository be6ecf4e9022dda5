import ftfy
import pytest
from ftfy.badness import is_bad
from hypothesis import given
from hypothesis import strategies as st

from gui.characters import (
    _MAYBE_MOJIBAKE,
    ZERO_WIDTH,
    collapse_spaces,
    compose,
    drop_zero_width,
    fix_mojibake,
    is_decomposed,
    is_mojibake,
    straighten_quotes,
    title_case,
    visible,
)


@pytest.mark.parametrize("text", ["MÃ¼ller", "San JosÃ©", "Ã‰mile", "â€œhiâ€\x9d", "Å\x81Ã³dÅº", "caf├⌐ r├⌐sum├⌐"])
def test_text_decoded_as_the_wrong_encoding_is_seen_and_mended(text: str) -> None:
    assert is_mojibake(text)
    assert not is_mojibake(fix_mojibake(text))


@pytest.mark.parametrize("text", ["", "plain", "Müller", "Ærøskøbing", "Łódź", "Ελλάδα", "東京", "5 € – “ok”", "🙂"])  # noqa: RUF001 the point of it
def test_text_that_is_right_is_left_alone(text: str) -> None:
    assert not is_mojibake(text)
    assert fix_mojibake(text) == text


def test_both_kinds_of_curly_quotes_become_straight() -> None:
    assert straighten_quotes("\u201ea\u201c \u2018b\u2019 don\u2019t") == "\"a\" 'b' don't"


@pytest.mark.parametrize("text", ["a\u200bb", "a\u00adb", "\ufeffab", "ab\u2060", "a\u200db", "a\u200c\u200db"])
def test_characters_without_width_are_dropped(text: str) -> None:
    assert drop_zero_width(text) == "ab"


@pytest.mark.parametrize("text", ["👩\u200d💻", "❤️\u200d🔥", "می\u200cخواهم", "क्\u200dष"])  # noqa: RUF001 the point of it
def test_joiners_that_change_what_is_read_stay(text: str) -> None:
    assert drop_zero_width(text) == text
    assert not ZERO_WIDTH.search(text)


def test_decomposed_letters_are_composed() -> None:
    assert is_decomposed("Zoe\u0308")
    assert compose("Zoe\u0308") == "Zoë"
    assert not is_decomposed("Zoë")


def test_runs_of_any_space_become_one_and_line_breaks_stay() -> None:
    assert collapse_spaces("a \u00a0\t b\n  c") == "a b\n c"


@pytest.mark.parametrize(
    ("text", "title"), [("ANNE-MARIE o'brien", "Anne-Marie O'brien"), ("it's (NEW)", "It's (New)"), ("ǆ", "Ǆ")]
)
def test_each_word_gets_one_capital(text: str, title: str) -> None:
    assert title_case(text) == title


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a b", "a b"),
        ("  a  b ", "··a··b·"),
        ("a\tb\u00a0c\nd", "a⇥b⍽c⏎d"),
        ("Zoe\u0308\u200b", "Zoe[U+0308][U+200B]"),
        ("x" * 100, "x" * 80 + "…"),
    ],
)
def test_what_cannot_be_seen_is_made_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_showing_a_text_of_invisible_characters_stays_short() -> None:
    assert len(visible("\u200b" * 10_000)) <= 81


# Bytes of UTF-8 read one by one, with spaces, what ftfy keeps for lost bytes, and whole letters among them.
broken = st.text("ÃÂâÅÐí\x1aÀ€™œ¼©ß\u0178\u00a0\u0153\x9d\x80 aüж") | st.text().map(
    lambda text: text.encode("utf_8", "replace").decode("sloppy-windows-1252")
)


@given(broken | st.tuples(broken, broken).map(" ".join))
def test_the_short_way_mends_as_ftfy_does(text: str) -> None:
    # What holds no two bytes side by side is not asked about.
    asked = _MAYBE_MOJIBAKE.search(text) and is_bad(text)
    assert fix_mojibake(text) == (ftfy.fix_encoding(text) if asked else text)
