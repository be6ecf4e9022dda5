"""Cleaning the text of a table, as chosen. Pure.

- Cleaning a cleaned table changes nothing: a text goes round until it stays as it is.
- Each distinct text of a column is worked on once, and only if a chosen step would change it.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import partial

import numpy as np
import pandas as pd

from gui.characters import collapse_spaces, compose, drop_zero_width, fix_mojibake, straighten_quotes, title_case
from gui.telling import Tell, part, silent
from gui.texts import Mask, Texts, as_column, distinct, pieces, replaced, taken
from gui.troubles import has_curly_quotes, has_decomposed, has_mojibake, has_space_trouble, has_zero_width

# Cures help each other (a zero-width space hid a double space), so two or three rounds are common. What has not come
# to rest after these goes in a circle.
_ROUNDS = 10
# The share of a column's time in which is found what may have to be cured.
_SUSPECTED = 0.4


class Case(StrEnum):
    """What to do with capitals."""

    KEEP = "As it is"
    LOWER = "lower case"
    UPPER = "UPPER CASE"
    TITLE = "Title Case"


@dataclass(frozen=True)
class Options:
    """What to clean. `case` applies to `case_columns` alone, the rest to every column."""

    trim: bool = True
    collapse: bool = True
    quotes: bool = True
    mojibake: bool = True
    compose: bool = True
    zero_width: bool = True
    case: Case = Case.KEEP
    case_columns: tuple[str, ...] = ()

    def names(self) -> list[str]:
        """What is switched on, for the audit trail; no column is named."""
        chosen = [field.name for field in fields(self) if getattr(self, field.name) is True]
        return chosen if self.case is Case.KEEP else [*chosen, f"case: {self.case}"]


@dataclass(frozen=True)
class Cleaned:
    """A cleaned table; `changed` counts the changed cells of each column that has any."""

    frame: pd.DataFrame
    changed: dict[str, int]

    @property
    def cells(self) -> int:
        """Changed cells in all."""
        return sum(self.changed.values())


@dataclass(frozen=True)
class Change:
    """One changed cell; `row` counts from 1 without the heading."""

    row: int
    column: str
    before: str
    after: str


def clean_text(text: str, options: Options, *, with_case: bool = False) -> str:
    """Clean one text. Cleaning the result again gives the same; a text that never comes to rest is left alone."""
    return _Cure(options, with_case=with_case)(text)


def clean_frame(frame: pd.DataFrame, options: Options, tell: Tell = silent) -> Cleaned:
    """Clean every cell. `frame` holds text only and is left as it was; `tell` hears how much is done, from 0 to 1."""
    columns: dict[str, pd.Series[str]] = {}
    changed: dict[str, int] = {}
    for number, name in enumerate(frame.columns):
        tell_column = part(tell, number / len(frame.columns), (number + 1) / len(frame.columns))
        tell_column(0)
        columns[name], cells = _clean_column(frame[name], options, tell_column, with_case=name in options.case_columns)
        if cells:
            changed[name] = cells
    return Cleaned(pd.DataFrame(columns, columns=frame.columns), changed)


def first_changes(before: pd.DataFrame, cleaned: Cleaned, limit: int) -> list[Change]:
    """The first changed cells, from the top, at most `limit`."""
    found: list[Change] = []
    for name in cleaned.changed:
        old, new = before[name], cleaned.frame[name]
        rows = np.flatnonzero((old != new).to_numpy())[:limit]
        found += [Change(int(row) + 1, name, str(old.iloc[row]), str(new.iloc[row])) for row in rows]
    return sorted(found, key=lambda change: change.row)[:limit]


_Step = Callable[[str], str]


class _Cure:
    """The chosen steps, applied until a text comes to rest."""

    def __init__(self, options: Options, *, with_case: bool) -> None:
        # Decoding first: the other cures would damage the characters that it needs.
        beyond_ascii: list[tuple[bool, _Step]] = [
            (options.mojibake, fix_mojibake),
            (options.zero_width, drop_zero_width),
            (options.quotes, straighten_quotes),
            (options.compose, compose),
        ]
        any_text: list[tuple[bool, _Step]] = [
            (options.collapse, collapse_spaces),
            (options.trim, str.strip),
            (with_case and options.case is Case.LOWER, str.lower),
            (with_case and options.case is Case.UPPER, str.upper),
            (with_case and options.case is Case.TITLE, title_case),
        ]
        self._for_ascii = [step for chosen, step in any_text if chosen]
        self._for_all = [step for chosen, step in beyond_ascii if chosen] + self._for_ascii

    def __call__(self, text: str) -> str:
        steps = self._for_ascii if text.isascii() else self._for_all
        before = text
        for _ in range(_ROUNDS):
            after = before
            for step in steps:
                after = step(after)
            if after == before:
                return after
            before = after
        return text


def _clean_column(
    column: "pd.Series[str]", options: Options, tell: Tell, *, with_case: bool
) -> tuple["pd.Series[str]", int]:
    """The cleaned column, and how many of its cells changed."""
    found = distinct(column)
    cure = _Cure(options, with_case=with_case)
    suspects = np.flatnonzero(_suspects(found.texts, options, part(tell, 0, _SUSPECTED), with_case=with_case))
    changed: Mask = np.zeros(len(found.texts), dtype=bool)
    after: list[str] = []
    for piece in pieces(suspects, part(tell, _SUSPECTED, 1)):
        before = taken(found.texts, piece)
        cured = [cure(text) for text in before]
        changed[piece] = [new != old for old, new in zip(before, cured, strict=True)]
        after += [new for old, new in zip(before, cured, strict=True) if new != old]
    if not changed.any():
        return column, 0
    return as_column(replaced(found.texts, changed, after), found.codes), found.rows(changed)


def _suspects(texts: Texts, options: Options, tell: Tell, *, with_case: bool) -> Mask:
    """The texts that at least one chosen step changes, and perhaps a few more: the others are clean as they are."""
    if with_case and options.case is not Case.KEEP:
        return np.ones(len(texts), dtype=bool)
    found: Mask = np.zeros(len(texts), dtype=bool)
    for chosen, trouble in (
        (options.trim or options.collapse, has_space_trouble),
        (options.mojibake, partial(has_mojibake, tell=tell)),
        (options.zero_width, has_zero_width),
        (options.quotes, has_curly_quotes),
        (options.compose, has_decomposed),
    ):
        if chosen:
            found |= trouble(texts)
    return found
