"""How the values of a column are spread, in few enough bars to look at. Pure."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from gui.texts import BLANK, Distinct, Mask, matching, picked

NUMBERS = {"Whole number", "Decimal number"}
# As many as can be told apart on a telephone.
MAX_BARS, MAX_TEXTS = 24, 10

_MONTHS = r"^\s*\d{4}-\d\d"


@dataclass(frozen=True)
class Bar:
    """`rows` have a value that is `label`; for numbers from `start` up to `end`, which are 0 for everything else."""

    label: str
    rows: int
    start: float = 0.0
    end: float = 0.0


@dataclass(frozen=True)
class Distribution:
    """Bars of numbers and of periods are in their own order, those of texts the most common first.

    `others` rows have one of the texts that no bar is drawn for.
    """

    kind: Literal["numbers", "periods", "texts"]
    bars: tuple[Bar, ...]
    others: int = 0


def spread(found: Distinct, column_type: str) -> Distribution:
    """Distribution of the values of a column of this type; cells without a value are left out."""
    present = ~found.matching(BLANK)
    if column_type in NUMBERS and (bars := _numbers(found, present)):
        return Distribution("numbers", bars)
    if column_type.startswith("Date") and (bars := _periods(found, present)):
        return Distribution("periods", bars)
    return _texts(found, present)


def _numbers(found: Distinct, present: Mask) -> tuple[Bar, ...]:
    values = pd.to_numeric(pd.Series(picked(found.texts, present)).str.replace(",", "."), errors="coerce").to_numpy()
    known = np.isfinite(values)
    values, weights = values[known], found.counts[present][known]
    if not len(values):
        return ()
    whole = bool((values == np.floor(values)).all())
    counts, edges = np.histogram(values, bins=_edges(values, whole=whole), weights=weights)
    return tuple(
        Bar(f"{_say(start, whole=whole)} to {_say(end, whole=whole)}", int(rows), float(start), float(end))
        for rows, start, end in zip(counts, edges[:-1], edges[1:], strict=True)
    )


def _say(number: float, *, whole: bool) -> str:
    return f"{number:,.0f}" if whole else f"{number:,.4g}"


def _edges(values: "np.typing.NDArray[np.float64]", *, whole: bool) -> "np.typing.NDArray[np.float64]":
    low, high = float(values.min()), float(values.max())
    # A step that people count in: 1, 2 or 5 times a power of ten.
    raw = (high - low) / MAX_BARS or 1.0
    power = 10.0 ** np.floor(np.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw)
    if whole:
        step = max(step, 1.0)
    first = np.floor(low / step)
    return np.asarray((first + np.arange(int(np.floor(high / step) - first) + 2)) * step, dtype=np.float64)


def _periods(found: Distinct, present: Mask) -> tuple[Bar, ...]:
    """By month where there are few, else by year; nothing unless every date begins with both."""
    if not bool(matching(found.texts, _MONTHS)[present].all()):
        return ()
    texts = pd.Series(picked(found.texts, present)).str.strip()
    rows = pd.Series(found.counts[present])
    for length in (len("2026-11"), len("2026")):
        periods = rows.groupby(texts.str.slice(0, length)).sum()
        if len(periods) <= MAX_BARS:
            return tuple(Bar(str(label), int(number)) for label, number in periods.items())
    return ()


def _texts(found: Distinct, present: Mask) -> Distribution:
    counts = np.where(present, found.counts, 0)
    # Stable: of equally common ones, the first in the table.
    top = np.argsort(-counts, kind="stable")[:MAX_TEXTS]
    top = top[counts[top] > 0]
    texts = found.texts.take(top).to_pylist()
    bars = tuple(Bar(text, int(rows)) for text, rows in zip(texts, counts[top], strict=True))
    return Distribution("texts", bars, int(counts.sum() - counts[top].sum()))
