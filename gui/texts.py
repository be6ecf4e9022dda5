"""The texts of a column, each distinct one once, and rows that are alike. Pure.

- Arrow does the work: a million texts one by one in Python take seconds where this takes a tenth of one.
- A pattern is one of RE2's, which knows ASCII classes only: spaces are spelled out, as `str.isspace` has them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from gui.telling import Tell

# 0.1 s of work where each text takes 20 us.
_PIECE = 5_000

# An Arrow array of strings, in one piece or several; Arrow has no types of its own.
Texts = Any
Mask = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]


# To look through all characters would take this module's import 0.15 s.
_LAST_SPACE = 0x3000


def _spaces(but: str = "") -> str:
    return "".join(
        f"\\x{{{code:x}}}" for code in range(_LAST_SPACE + 1) if chr(code).isspace() and chr(code) not in but
    )


_BREAKS = "\r\n"
SPACE = f"[{_spaces()}]"
# Within a line, and those of them that are not the plain one.
INNER_SPACE = f"[{_spaces(but=_BREAKS)}]"
ODD_SPACE = f"[{_spaces(but=_BREAKS + ' ')}]"
BLANK = f"^{SPACE}*$"


@dataclass(frozen=True)
class Distinct:
    """A column as its distinct texts, in the order in which they first appear.

    `texts` is an Arrow array of strings, `codes` has the place in it of each row's text, `counts` how many rows have it.
    """

    texts: Texts
    codes: Integers
    counts: Integers

    def matching(self, pattern: str) -> Mask:
        """Which of the texts hold the RE2 `pattern`."""
        return matching(self.texts, pattern)

    def rows(self, mask: Mask) -> int:
        """How many rows have a text of those in `mask`."""
        return int(self.counts[mask].sum())


def distinct(column: "pd.Series[str]") -> Distinct:
    """Find the distinct texts of `column`, which holds text only."""
    return _encoded(pa.array(column, pa.large_string()))


def texts_of(column: "pd.Series[str]") -> Texts:
    """The texts of `column`, which holds text only, as an Arrow array in one piece."""
    texts = pa.array(column, pa.large_string())
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts


def as_column(texts: Texts, codes: Integers) -> "pd.Series[str]":
    """The column whose rows have these of the `texts`."""
    return text_series(texts.take(pa.array(codes)))


def text_series(texts: Texts) -> "pd.Series[str]":
    """An Arrow array of strings as a column of a frame, without a copy."""
    return pd.Series(texts, dtype="str")


def matching(texts: Texts, pattern: str) -> Mask:
    """Which of the Arrow `texts` hold the RE2 `pattern`."""
    return _numpy(pc.match_substring_regex(texts, pattern))


def is_ascii(texts: Texts) -> Mask:
    """Which of the Arrow `texts` are of ASCII alone."""
    return _numpy(pc.string_is_ascii(texts))


def replaced(texts: Texts, mask: Mask, by: Iterable[str]) -> Texts:
    """`texts` with those in `mask` replaced, one by one."""
    return pc.replace_with_mask(texts, pa.array(mask), pa.array(list(by), pa.large_string()))


def folded(texts: Texts) -> Texts:
    """`str.casefold` of each of the Arrow `texts`."""
    other = ~is_ascii(texts)
    return replaced(pc.ascii_lower(texts), other, (text.casefold() for text in picked(texts, other)))


def without_extra_spaces(texts: Texts) -> Texts:
    """Each of the Arrow `texts` with one plain space for each run of spaces, and none at its ends."""
    return pc.ascii_trim(pc.replace_substring_regex(texts, f"{SPACE}+", " "), " ")


def longest(texts: Texts) -> int:
    """Length of the longest of the Arrow `texts`, in characters."""
    return int(pc.max(pc.utf8_length(texts)).as_py() or 0)


def picked(texts: Texts, mask: Mask) -> list[str]:
    """The Arrow `texts` that are in `mask`, as Python's."""
    return cast("list[str]", texts.filter(pa.array(mask)).to_pylist())


def taken(texts: Texts, places: Integers) -> list[str]:
    """The Arrow `texts` at these places, as Python's."""
    return cast("list[str]", texts.take(pa.array(places)).to_pylist())


def pieces(places: Integers, tell: Tell) -> Iterator[Integers]:
    """`places` in pieces that Python works through in a moment each; `tell` hears how much is done, from 0 to 1."""
    for start in range(0, len(places), _PIECE):
        tell(start / len(places))
        yield places[start : start + _PIECE]


def same_texts(texts: Texts) -> tuple[Integers, int]:
    """The same number for texts that are equal, counted from 0 in the order of first appearance; how many there are."""
    found = _encoded(texts)
    return found.codes, len(found.counts)


class Rows:
    """Which rows are alike, column by column: give each to `add`."""

    def __init__(self, rows: int) -> None:
        self.groups: Integers = np.zeros(rows, np.int64)
        """The number of each row's group, counted from 0 in the order of first appearance."""
        self.count = min(rows, 1)
        """How many groups there are."""

    def add(self, codes: Integers, size: int) -> None:
        """Tell rows apart that differ in `codes`, each of which is below `size`."""
        if self.count == len(self.groups):
            return
        # Both factors are at most the number of rows, so the product stays far below 64 bits.
        groups, unique = pd.factorize(self.groups * size + codes)
        self.groups, self.count = groups.astype(np.int64), len(unique)


def _encoded(texts: Texts) -> Distinct:
    encoded = texts.dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.unify_dictionaries().combine_chunks()
    codes = _numpy(encoded.indices).astype(np.int64)
    return Distinct(encoded.dictionary, codes, np.bincount(codes, minlength=len(encoded.dictionary)))


def _numpy(array: Texts) -> npt.NDArray[Any]:
    return cast("npt.NDArray[Any]", array.to_numpy(zero_copy_only=False))
