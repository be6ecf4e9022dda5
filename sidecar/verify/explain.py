"""Tells from a stretch of lines what was done to them: each damage once, with its kind and its place. Pure.

- The first line of a stretch is given: it is only what the second should be chained to.
- The passes go from the certain to the guessed: copies, junk, moved lines and insertions are recognised by hashes that
  are there, and taken out; what then still does not fit was edited or deleted.
- A damage explains its own traces, and no more: one edit is one finding.
"""

from collections.abc import Iterable
from itertools import groupby, pairwise
from operator import itemgetter
from typing import NamedTuple

from shared.chain import GENESIS
from sidecar.verify.line import Line

# A hash that shares so many of its 64 digits with the right one was altered; strange ones share about 4.
_ALIKE = 32


class Finding(NamedTuple):
    """A damage: `kind` is one of the words of shared/FORMAT.md, the lines from `first` to `last` are where it shows."""

    kind: str
    first: Line
    last: Line
    text: str


def explain(stretch: list[Line]) -> list[Finding]:
    """Find the damages between the lines of `stretch`, in the order of their places."""
    place = {id(line): index for index, line in enumerate(stretch)}
    lines, copies = _copies(stretch)
    lines, behind_junk, junk = _junk(lines)
    moved, spans = _moved(lines)
    lines, inserted = _inserted(lines, spans)
    excused = behind_junk | spans
    broken, suspects = _broken(lines, excused)
    findings = [*copies, *junk, *moved, *inserted, *broken, *_numbers(lines, excused, suspects)]
    return sorted(findings, key=lambda finding: place[id(finding.first)])


def _follows(line: Line, before: Line) -> bool:
    return line.prev == before.hash


def _skipped(line: Line, before: Line) -> int:
    """How many numbers lie between two lines; negative when the second goes back."""
    return line.first - before.last - 1


def _copies(lines: list[Line]) -> tuple[list[Line], list[Finding]]:
    """Take out lines that stand there twice: each carries the hash of another, so that no writer makes two alike."""
    seen: dict[str, int] = {}
    copies: dict[int, int] = {}
    for index, line in enumerate(lines):
        other = seen.setdefault(line.hash, index)
        if other == index or line.bad:
            continue
        if other and not _follows(lines[other], lines[other - 1]) and _follows(line, lines[index - 1]):
            copies[other] = seen[line.hash] = index
        else:
            copies[index] = other
    findings = [
        Finding(
            "duplicated", lines[run[0]], lines[run[-1]], f"A second copy of {_at(lines[copies[run[0]]], len(run))}."
        )
        for run in _neighbours(copies)
    ]
    return [line for index, line in enumerate(lines) if index not in copies], findings


def _junk(lines: list[Line]) -> tuple[list[Line], set[str], list[Finding]]:
    """Take out what is no line; also return the lines behind it, which cannot be expected to fit."""
    bad = [index for index, line in enumerate(lines) if line.bad and index]
    findings = [
        Finding("not a line", lines[run[0]], lines[run[-1]], f"Not what a sidecar writes: {lines[run[0]].bad}.")
        for run in _neighbours(bad)
    ]
    behind = {line.hash for before, line in pairwise(lines) if before.bad and not line.bad}
    return [line for index, line in enumerate(lines) if not (line.bad and index)], behind, findings


def _moved(lines: list[Line]) -> tuple[list[Finding], set[str]]:
    """Find lines that stand before the line they were written behind; also return the lines this excuses."""
    where = {line.hash: index for index, line in enumerate(lines)}
    spans: list[tuple[int, int]] = []
    for index, line in enumerate(lines[1:], 1):
        behind = where.get(line.prev, -1)
        if behind <= index:
            continue
        if spans and index <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], behind))
        else:
            spans.append((index, behind))
    text = "These lines do not stand in the order in which they were written."
    findings = [Finding("reordered", lines[first], lines[last], text) for first, last in spans]
    excused = {line.hash for first, last in spans for line in lines[first : last + 2] if line.prev in where}
    return findings, excused


def _inserted(lines: list[Line], spans: set[str]) -> tuple[list[Line], list[Finding]]:
    """Take out lines between two that belong together, by hash and by number."""
    kept: list[Line] = []
    where: dict[str, int] = {}
    findings: list[Finding] = []
    for line in lines:
        before = where.get(line.prev, -1)
        strangers = kept[before + 1 :]
        if strangers and before >= 0 and line.hash not in spans and not _skipped(line, kept[before]):
            text = f"Put in after the log was written: the hash in {_at(line)} is that of {_at(kept[before])}."
            findings.append(Finding("inserted", strangers[0], strangers[-1], text))
            del kept[before + 1 :]
            for stranger in strangers:
                del where[stranger.hash]
        where[line.hash] = len(kept)
        kept.append(line)
    return kept, findings


def _broken(lines: list[Line], excused: set[str]) -> tuple[list[Finding], set[str]]:
    """Explain each hash that is nowhere; also return the lines under suspicion, whose numbers mean nothing."""
    deleted: list[Finding] = []
    edited: list[int] = []
    own: set[int] = set()
    for index in range(1, len(lines)):
        line, before = lines[index], lines[index - 1]
        # A line whose own `prev` was altered has another hash, so the next one cannot fit either.
        if _follows(line, before) or line.hash in excused or index - 1 in own:
            continue
        if before.hash == GENESIS:
            own.add(index)
            text = "Its `prev` is not 64 zeros: lines before it were deleted, or it was edited."
            deleted.append(Finding("first line", line, line, text))
        elif _alike(line.prev, before.hash):
            own.add(index)
            edited.append(index)
        elif _skipped(line, before) > 0 and not _odd(lines, index - 1):
            text = f"Lines are gone before this one, with {_numbers_text(before.last + 1, line.first - 1)}."
            deleted.append(Finding("deleted", line, line, text))
        else:
            edited.append(index - 1)
    text = "Changed after it was written, or a record of the sidecar behind it was deleted: the hashes do not fit."
    changed = [Finding("edited", lines[run[0]], lines[run[-1]], text) for run in _neighbours(edited)]
    return deleted + changed, {lines[index].hash for index in own.union(edited)}


def _odd(lines: list[Line], index: int) -> bool:
    """Whether the line is chained well, but has a number that does not follow: then it is the number that was edited."""
    return index > 0 and _follows(lines[index], lines[index - 1]) and _skipped(lines[index], lines[index - 1]) != 0


def _numbers(lines: list[Line], excused: set[str], suspects: set[str]) -> Iterable[Finding]:
    for before, line in pairwise(lines):
        missing = _skipped(line, before)
        if not missing or not _follows(line, before) or line.hash in excused or suspects & {line.hash, before.hash}:
            continue
        if missing > 0:
            text = f"Before this line, {_numbers_text(before.last + 1, line.first - 1)} never came; no gap record says why."
            yield Finding("undeclared gap", line, line, text)
        else:
            text = f"The numbers go back: {line.first} stands where {before.last + 1} was due."
            yield Finding("repeated seq", line, line, text)


def _alike(prev: str, right: str) -> bool:
    return sum(map(str.__eq__, prev, right)) >= _ALIKE


def _neighbours(indexes: Iterable[int]) -> list[list[int]]:
    """`[3, 4, 7]` as `[[3, 4], [7]]`."""
    runs = groupby(enumerate(sorted(set(indexes))), key=lambda pair: pair[1] - pair[0])
    return [list(map(itemgetter(1), run)) for _, run in runs]


def _at(line: Line, count: int = 1) -> str:
    if not line.number:
        return "the start"
    return f"line {line.number}" if count == 1 else f"the lines from {line.number} on"


def _numbers_text(first: int, last: int) -> str:
    return f"number {first}" if first == last else f"numbers {first} to {last}"
