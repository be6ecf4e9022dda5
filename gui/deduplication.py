"""Rows that say the same: which are they, which one stays, and the table without the others. Pure.

Nothing here looks at a row in Python: a million rows take a few seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gui.telling import Tell, silent
from gui.texts import BLANK, Distinct, Integers, Rows, distinct, folded, same_texts, without_extra_spaces

Positions = NDArray[np.intp]


class Keep(StrEnum):
    """Which row of a group stays, unless somebody chooses another."""

    FIRST = "The first one"
    LAST = "The last one"
    FULLEST = "The most complete one"


@dataclass(frozen=True)
class Matching:
    """What makes two rows the same: `columns`, all of them if it names none, compared as they are or more loosely."""

    columns: tuple[str, ...] = ()
    ignore_case: bool = False
    ignore_spaces: bool = False
    keep: Keep = Keep.FIRST


@dataclass(frozen=True)
class Groups:
    """Groups of rows that are the same, in the order of their first rows; rows are positions, counted from 0.

    `rows` holds the rows of one group after the other, those of group n from `starts[n]` to `starts[n + 1]`;
    `survivors[n]` is the one that stays.
    """

    rows: Positions
    starts: Positions
    survivors: Positions

    def __len__(self) -> int:
        return len(self.survivors)

    @property
    def surplus(self) -> int:
        """How many rows go when one of each group stays."""
        return len(self.rows) - len(self)

    def members(self, number: int) -> list[int]:
        """The rows of one group, from the top."""
        return [int(row) for row in self.rows[self.starts[number] : self.starts[number + 1]]]

    def sizes(self) -> dict[int, int]:
        """How many groups there are of each size."""
        sizes, counts = np.unique(np.diff(self.starts), return_counts=True)
        return {int(size): int(count) for size, count in zip(sizes, counts, strict=True)}


def find_groups(frame: pd.DataFrame, matching: Matching, tell: Tell = silent) -> Groups:
    """Find the rows of `frame`, which holds text only, that are the same. `tell` hears how much is done, from 0 to 1.

    Rows that have nothing in any of the chosen columns are the same as no other.
    """
    columns = list(matching.columns) or list(frame.columns)
    alike = Rows(len(frame))
    blank = np.ones(len(frame), dtype=bool)
    for number, name in enumerate(columns):
        tell(number / len(columns))
        found = distinct(frame[name])
        blank &= found.matching(BLANK)[found.codes]
        alike.add(*_loosened(found, matching))
    codes = alike.groups
    counts = np.bincount(codes, minlength=1)
    same = counts[codes] > 1
    if matching.columns:
        # Nothing in any of the columns is no sign that two rows are about the same.
        same &= ~blank
    rows = np.flatnonzero(same)
    # Codes are given in the order of appearance, and the sort is stable: groups and their rows come from the top.
    rows = rows[np.argsort(codes[rows], kind="stable")]
    starts = np.concatenate([np.flatnonzero(np.diff(codes[rows], prepend=-1)), [len(rows)]])
    return Groups(rows, starts, _survivors(frame, rows, starts, matching.keep))


def without(frame: pd.DataFrame, groups: Groups, chosen: Mapping[int, int | None]) -> pd.DataFrame:
    """Return `frame` without the rows that go. `chosen` names, by group, another row that stays, or None for all of them."""
    stays = np.ones(len(frame), dtype=bool)
    stays[groups.rows] = False
    stays[groups.survivors] = True
    for number, row in chosen.items():
        members = groups.members(number)
        stays[members] = row is None
        if row is not None:
            stays[row] = True
    return frame[stays].reset_index(drop=True)


def differing(frame: pd.DataFrame, rows: list[int]) -> list[str]:
    """The columns in which these rows are not all the same, as they are."""
    shown = frame.iloc[rows].to_numpy()
    return [str(name) for name, differs in zip(frame.columns, (shown != shown[0]).any(axis=0), strict=True) if differs]


def _loosened(found: Distinct, matching: Matching) -> tuple[Integers, int]:
    """Codes that are equal where two texts are the same by this choice, and how many there are."""
    texts = found.texts
    if matching.ignore_spaces:
        texts = without_extra_spaces(texts)
    if matching.ignore_case:
        texts = folded(texts)
    codes, size = same_texts(texts)
    return codes[found.codes], size


def _survivors(frame: pd.DataFrame, rows: Positions, starts: Positions, keep: Keep) -> Positions:
    if keep is Keep.FIRST:
        return rows[starts[:-1]]
    if keep is Keep.LAST:
        return rows[starts[1:] - 1]
    filled = (frame.iloc[rows] != "").sum(axis=1).to_numpy()
    number = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    # The fullest first within each group, and of equals the upper one.
    order = np.lexsort((rows, -filled, number))
    return rows[order][starts[:-1]]
