"""What is looked for in many texts at once is what `gui.characters` finds in one."""

import sys
from collections.abc import Callable

import pyarrow as pa  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gui.characters import SMART_QUOTES, SPACE_TROUBLE, ZERO_WIDTH, is_decomposed, is_mojibake
from gui.texts import SPACE, Mask, Texts, folded, matching, without_extra_spaces
from gui.troubles import has_curly_quotes, has_decomposed, has_mojibake, has_space_trouble, has_zero_width

# What a wrong decoding leaves behind, and what else one trouble or another is made of.
RUBBISH = bytes(range(128, 256)).decode("latin_1") + bytes(range(128, 256)).decode("cp1251", "ignore")
ODD = "aZ ß\u00a0é\u201c\u2122 \t\n\r.,?\u0301\u212b\u200d\u200b\u00ad\x1c\u0085Ÿœ\u00d7²\u221a\u2248\u0100\U0001f600"
troubled = st.text(st.sampled_from(RUBBISH + ODD) | st.characters(exclude_categories=["Cs"]), max_size=8)
many = st.lists(troubled, max_size=60)


def test_every_space_that_python_knows_is_spelled_out() -> None:
    everything = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    found = matching(pa.array(everything, pa.large_string()), SPACE).tolist()
    assert found == [each.isspace() for each in everything]


@pytest.mark.parametrize(
    ("many_at_once", "one"),
    [
        (has_space_trouble, SPACE_TROUBLE.search),
        (has_curly_quotes, SMART_QUOTES.search),
        (has_zero_width, ZERO_WIDTH.search),
        (has_mojibake, is_mojibake),
        (has_decomposed, is_decomposed),
    ],
)
@settings(max_examples=200)
@given(many)
def test_each_trouble_is_found_in_many_texts_as_in_one(
    many_at_once: Callable[[Texts], Mask], one: Callable[[str], object], texts: list[str]
) -> None:
    assert many_at_once(pa.array(texts, pa.large_string())).tolist() == [bool(one(text)) for text in texts]


@settings(max_examples=200)
@given(many)
def test_texts_are_folded_and_spaced_as_python_does(texts: list[str]) -> None:
    array = pa.array(texts, pa.large_string())
    assert folded(array).to_pylist() == [text.casefold() for text in texts]
    assert without_extra_spaces(array).to_pylist() == [" ".join(text.split()) for text in texts]
