"""What a table holds and what is wrong with it. Pure.

Each distinct text of a column is looked at once, and none in Python but those that are likely to be in trouble.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from gui.characters import visible
from gui.distribution import Distribution, spread
from gui.telling import Tell, part, silent
from gui.texts import BLANK, Distinct, Mask, Rows, distinct, folded, longest, picked, same_texts
from gui.troubles import has_curly_quotes, has_decomposed, has_mojibake, has_space_trouble, has_zero_width

_DATE = r"\d{4}-\d\d?-\d\d?|\d\d?[./-]\d\d?[./-]\d{2,4}"
_TYPES = (
    ("Whole number", re.compile(r"[+-]?\d{1,18}")),
    ("Decimal number", re.compile(r"[+-]?\d{1,18}([.,]\d{1,18})?")),
    ("Date", re.compile(_DATE)),
    ("Date and time", re.compile(rf"({_DATE})[T ]\d\d?:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")),
    ("Yes or no", re.compile(r"yes|no|true|false|y|n", re.IGNORECASE)),
    ("E-mail", re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")),
)
# A type that holds for this many distinct values holds for people.
_TYPE_SAMPLE = 2_000
# The share of a column's time before anything is looked at in Python.
_COUNTED = 0.3


class Kind(StrEnum):
    """The kinds of trouble, as people read them."""

    MISSING = "Missing values"
    DUPLICATES = "Duplicate rows"
    SPACES = "Extra spaces"
    MOJIBAKE = "Broken encoding"
    QUOTES = "Curly quotes"
    ZERO_WIDTH = "Invisible characters"
    DECOMPOSED = "Decomposed letters"
    CASE = "Mixed case"


@dataclass(frozen=True)
class Finding:
    """One kind of trouble in one column; `column` is empty where it concerns whole rows.

    `count` is in cells (or rows), `example` is one of them with what cannot be seen made visible.
    """

    column: str
    kind: Kind
    count: int
    example: str


@dataclass(frozen=True)
class Column:
    """One column: its guessed type, how many cells are missing, and how many distinct texts the others hold.

    `longest` is the length of its longest text, in characters; `spread` says how common which values are.
    """

    name: str
    type: str
    missing: int
    distinct: int
    longest: int
    spread: Distribution


@dataclass(frozen=True)
class Analysis:
    """What was found in a table of `rows` times `columns` cells; `missing` is in cells."""

    rows: int
    columns: tuple[Column, ...]
    missing: int
    duplicate_rows: int
    findings: tuple[Finding, ...]

    def kinds(self) -> dict[str, int]:
        """Cells or rows per kind of trouble, for the audit trail; no column is named."""
        totals: Counter[str] = Counter()
        for finding in self.findings:
            totals[str(finding.kind)] += finding.count
        return dict(totals)


def analyse(frame: pd.DataFrame, tell: Tell = silent) -> Analysis:
    """Look at every cell. `frame` holds text only; `tell` hears how much is done, from 0 to 1."""
    columns: list[Column] = []
    findings: list[Finding] = []
    rows = Rows(len(frame))
    for number, name in enumerate(frame.columns):
        tell_column = part(tell, number / len(frame.columns), (number + 1) / len(frame.columns))
        tell_column(0)
        found = distinct(frame[name])
        rows.add(found.codes, len(found.counts))
        column = _column(str(name), found)
        columns.append(column)
        findings += _findings(column, found, part(tell_column, _COUNTED, 1))
    if duplicates := len(frame) - rows.count:
        findings.insert(0, Finding("", Kind.DUPLICATES, duplicates, _duplicate_example(rows)))
    return Analysis(len(frame), tuple(columns), sum(c.missing for c in columns), duplicates, tuple(findings))


def guess_type(texts: Iterable[str]) -> str:
    """The narrowest type that fits every one of the first distinct texts, else "Text"; "Empty" without any."""
    sample = [text.strip() for text, _ in zip(texts, range(_TYPE_SAMPLE), strict=False)]
    if not sample:
        return "Empty"
    return next((name for name, pattern in _TYPES if all(map(pattern.fullmatch, sample))), "Text")


def _duplicate_example(rows: Rows) -> str:
    # Row 1 is the first below the heading.
    return f"Row {int(pd.Series(rows.groups).duplicated().to_numpy().argmax()) + 1:,} repeats an earlier one"


def _column(name: str, found: Distinct) -> Column:
    blank = found.matching(BLANK)
    column_type = guess_type(picked(found.texts, ~blank))
    return Column(
        name,
        column_type,
        found.rows(blank),
        int((~blank).sum()),
        longest(found.texts),
        spread(found, column_type),
    )


def _findings(column: Column, found: Distinct, tell: Tell) -> Iterator[Finding]:
    if column.missing:
        yield Finding(column.name, Kind.MISSING, column.missing, "")
    broken = has_mojibake(found.texts, tell)
    for kind, mask in (
        (Kind.MOJIBAKE, broken),
        # A cell of spaces alone is counted as missing.
        (Kind.SPACES, has_space_trouble(found.texts) & ~found.matching(BLANK)),
        # Half the quotes and soft hyphens in a broken text are bytes of its letters.
        (Kind.QUOTES, has_curly_quotes(found.texts) & ~broken),
        (Kind.ZERO_WIDTH, has_zero_width(found.texts) & ~broken),
        (Kind.DECOMPOSED, has_decomposed(found.texts) & ~broken),
    ):
        if mask.any():
            yield Finding(column.name, kind, found.rows(mask), visible(_first(found, mask)))
    if mixed := _mixed_case(found):
        yield _mixed_finding(column.name, mixed)


def _first(found: Distinct, mask: Mask) -> str:
    return str(found.texts[int(mask.argmax())])


def _mixed_case(found: Distinct) -> list[tuple[str, str, int]]:
    """Spellings that differ from a more common one by capitals alone: (spelling, the common one, cells)."""
    same, groups = same_texts(folded(found.texts))
    several = np.bincount(same, minlength=groups)[same] > 1
    cells = dict(zip(picked(found.texts, several), found.counts[several].tolist(), strict=True))
    spellings: dict[int, list[str]] = defaultdict(list)
    for text, group in zip(cells, same[several].tolist(), strict=True):
        spellings[group].append(text)
    mixed = []
    for texts in spellings.values():
        usual = max(texts, key=cells.__getitem__)
        mixed += [(text, usual, cells[text]) for text in texts if text != usual]
    return mixed


def _mixed_finding(column: str, mixed: list[tuple[str, str, int]]) -> Finding:
    spelling, usual, _ = mixed[0]
    example = f"{visible(spelling, 40)} beside {visible(usual, 40)}"
    return Finding(column, Kind.CASE, sum(count for _, _, count in mixed), example)
