"""What a table holds and what is wrong with it. Pure.

Each distinct text of a column is looked at once, and texts of ASCII alone skip what only others can have.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from gui.characters import SMART_QUOTES, SPACE_TROUBLE, ZERO_WIDTH, is_decomposed, is_mojibake, visible

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
    """One column: its guessed type, how many cells are missing, and how many distinct texts the others hold."""

    name: str
    type: str
    missing: int
    distinct: int


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


def analyse(frame: pd.DataFrame, tell: Callable[[float], object] = lambda _: None) -> Analysis:
    """Look at every cell. `frame` holds text only; `tell` hears, column by column, how much is done, from 0 to 1."""
    columns: list[Column] = []
    findings: list[Finding] = []
    duplicates = int(frame.duplicated().sum())
    if duplicates:
        findings.append(Finding("", Kind.DUPLICATES, duplicates, _duplicate_example(frame)))
    for number, name in enumerate(frame.columns):
        tell(number / len(frame.columns))
        texts = Counter(frame[name].tolist())
        column = _column(name, texts)
        columns.append(column)
        findings += _findings(column, texts)
    return Analysis(len(frame), tuple(columns), sum(c.missing for c in columns), duplicates, tuple(findings))


def _duplicate_example(frame: pd.DataFrame) -> str:
    # Row 1 is the first below the heading.
    return f"Row {int(frame.duplicated().to_numpy().argmax()) + 1:,} repeats an earlier one"


def _column(name: str, texts: Counter[str]) -> Column:
    present = {text: count for text, count in texts.items() if text and not text.isspace()}
    return Column(name, guess_type(present), texts.total() - sum(present.values()), len(present))


def guess_type(texts: dict[str, int]) -> str:
    """The narrowest type that fits every one of the first distinct texts, else "Text"; "Empty" without any."""
    sample = [text.strip() for text, _ in zip(texts, range(_TYPE_SAMPLE), strict=False)]
    if not sample:
        return "Empty"
    return next((name for name, pattern in _TYPES if all(map(pattern.fullmatch, sample))), "Text")


def _findings(column: Column, texts: Counter[str]) -> Iterator[Finding]:
    if column.missing:
        yield Finding(column.name, Kind.MISSING, column.missing, "")
    other = {text: count for text, count in texts.items() if not text.isascii()}
    broken = _matching(is_mojibake, other)
    # Half the quotes and soft hyphens in a broken text are bytes of its letters.
    other = {text: count for text, count in other.items() if text not in broken}
    for kind, trouble, candidates in (
        (Kind.MOJIBAKE, bool, broken),
        (Kind.SPACES, _has_space_trouble, texts),
        (Kind.QUOTES, SMART_QUOTES.search, other),
        (Kind.ZERO_WIDTH, ZERO_WIDTH.search, other),
        (Kind.DECOMPOSED, is_decomposed, other),
    ):
        if found := _matching(trouble, candidates):
            yield Finding(column.name, kind, sum(found.values()), visible(next(iter(found))))
    if mixed := _mixed_case(texts):
        yield _mixed_finding(column.name, mixed)


def _matching(trouble: Callable[[str], object], texts: dict[str, int]) -> dict[str, int]:
    return {text: count for text, count in texts.items() if trouble(text)}


def _has_space_trouble(text: str) -> bool:
    # A cell of spaces alone is counted as missing.
    return SPACE_TROUBLE.search(text) is not None and not text.isspace()


def _mixed_case(texts: Counter[str]) -> list[tuple[str, str, int]]:
    """Spellings that differ from a more common one by capitals alone: (spelling, the common one, cells)."""
    spellings: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        spellings[text.casefold()].append(text)
    mixed = []
    for group in spellings.values():
        if len(group) > 1:
            usual = max(group, key=lambda text: texts[text])
            mixed += [(text, usual, texts[text]) for text in group if text != usual]
    return mixed


def _mixed_finding(column: str, mixed: list[tuple[str, str, int]]) -> Finding:
    spelling, usual, _ = mixed[0]
    example = f"{visible(spelling, 40)} beside {visible(usual, 40)}"
    return Finding(column, Kind.CASE, sum(count for _, _, count in mixed), example)
