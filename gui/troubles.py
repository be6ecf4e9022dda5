"""Which of many texts have a trouble of `gui.characters`, found without looking at each of them in Python. Pure.

A pattern of RE2 lets through every text that may have the trouble, and few others; those alone are asked.
"""

import re
from collections.abc import Callable

import numpy as np
from ftfy.badness import BADNESS_RE

from gui.characters import ZERO_WIDTH, is_decomposed, is_mojibake
from gui.telling import Tell, silent
from gui.texts import INNER_SPACE, ODD_SPACE, SPACE, Mask, Texts, matching, pieces, taken

_SPACES = f"^{SPACE}|{SPACE}$|{INNER_SPACE}{{2}}|{ODD_SPACE}"
_QUOTES = "[\u2018-\u201f]"
_ZERO_WIDTH = "[\u00ad\u200b-\u200d\u2060\ufeff]"
# Every character below is composed.
_MAYBE_DECOMPOSED = "[\u0300-\U0010ffff]"


def _for_re2(verbose: str) -> str:
    """A verbose pattern without its spaces and comments, matching at least what it did."""
    # Outside of a class: a class as it is, an escape as it is, and nothing for spaces and comments.
    tokens = re.compile(r"(\[(?:\\.|[^\]\\])*\])|(\\.)|\s+|#[^\n]*|(.)", re.DOTALL)
    terse = "".join("".join(found.groups(default="")) for found in tokens.finditer(verbose))
    # What RE2 takes for ASCII alone: any character is at least as much.
    return terse.replace(r"\w", r"(?s:.)").replace(r"\s", SPACE)


_MAYBE_MOJIBAKE = _for_re2(BADNESS_RE.pattern)


def has_space_trouble(texts: Texts) -> Mask:
    """Which texts have spaces at an end, several in a row, or others than the plain one."""
    return matching(texts, _SPACES)


def has_curly_quotes(texts: Texts) -> Mask:
    """Which texts have curly quotes."""
    return matching(texts, _QUOTES)


def has_zero_width(texts: Texts) -> Mask:
    """Which texts have characters that never show."""
    return _asked(texts, _ZERO_WIDTH, lambda text: ZERO_WIDTH.search(text) is not None)


def has_mojibake(texts: Texts, tell: Tell = silent) -> Mask:
    """Which texts were decoded wrongly. `tell` hears how much is done, from 0 to 1."""
    return _asked(texts, _MAYBE_MOJIBAKE, is_mojibake, tell)


def has_decomposed(texts: Texts) -> Mask:
    """Which texts are not in Unicode NFC."""
    return _asked(texts, _MAYBE_DECOMPOSED, is_decomposed)


def _asked(texts: Texts, pattern: str, trouble: Callable[[str], bool], tell: Tell = silent) -> Mask:
    mask = matching(texts, pattern)
    suspects = np.flatnonzero(mask)
    for piece in pieces(suspects, tell):
        mask[piece] = [trouble(text) for text in taken(texts, piece)]
    return mask
