"""Every single bit of a log flipped: `verify` names the line, and of the last line `--head` tells it."""

from collections import Counter
from collections.abc import Iterator
from operator import eq
from random import Random

import pytest

from shared.chain import GENESIS, head_of
from shared.naming import log_name
from sidecar.records import Owner
from sidecar.verify.line import Line, read_line
from tests.fault.damage import flipped
from tests.fault.read_once import read_each_line_once
from tests.fault.whole_log import COUNT, whole_log
from tests.verify.logs import (
    RUN,
    check,
    closing,
    event,
    found,
    gap,
    head_line,
    joined,
    opening,
    repair,
    sealed,
)

__all__ = ["read_each_line_once"]

LINES = whole_log(Owner(4711, 1795447799.25))
HEADS = [GENESIS, *map(head_of, LINES)]
KNOWN = frozenset(HEADS)
# Two workers share them.
SHARES = 8
# So many flips are checked one by one although others read alike.
SAMPLE = 500


class Flip:
    """The line `index` with a bit flipped; it may have become two lines, or one with the next."""

    def __init__(self, index: int, byte: int, bit: int) -> None:
        changed = bytearray(LINES[index] + b"\n")
        changed[byte] ^= 1 << bit
        self.index = index
        self.place = (index + 1, byte, bit)
        ends = changed.endswith(b"\n")
        self.pieces = bytes(changed[:-1]).split(b"\n") if ends else [bytes(changed) + LINES[index + 1]]
        self.behind = index + (1 if ends else 2)

    def lines(self) -> list[Line]:
        return [read_line(piece, "", 0) for piece in self.pieces]

    def findings(self) -> list[tuple[str, int, int]]:
        return found(check(joined([*LINES[: self.index], *self.pieces, *LINES[self.behind :]])))


def flips(index: int) -> Iterator[Flip]:
    """All of a line, its newline included."""
    for byte in range(len(LINES[index]) + 1):
        for bit in range(8):
            yield Flip(index, byte, bit)


def looks(flip: Flip, lines: list[Line]) -> tuple[object, ...]:
    """All that `verify` can see of a flip. That other lines have no such hash is checked."""
    assert KNOWN.isdisjoint([line.hash for line in lines]), flip.place
    seen = [
        (bool(line.bad), line.first, line.last, line.record, likeness(line, flip.index), b"\0" in piece)
        for line, piece in zip(lines, flip.pieces, strict=True)
    ]
    return (flip.behind, *seen)


def likeness(line: Line, index: int) -> int:
    """How many of its digits `prev` shares with the right one; no other line has that hash."""
    if line.prev == HEADS[index]:
        return len(line.prev)
    assert line.prev not in KNOWN
    return sum(map(eq, line.prev, HEADS[index]))


def expected(flip: Flip, lines: list[Line]) -> list[tuple[str, int, int]]:
    if any(line.bad for line in lines):
        return [("not a line", flip.index + 1, flip.index + len(lines))]
    kind = "first line" if flip.index == 0 and lines[0].prev != GENESIS else "edited"
    return [(kind, flip.index + 1, flip.index + 1)]


@pytest.mark.parametrize("share", range(SHARES))
def test_any_bit_of_any_line_but_the_last_is_one_finding_at_its_line(share: int) -> None:
    kinds: Counter[str] = Counter()
    for index in range(share, len(LINES) - 1, SHARES):
        # `verify` knows of a line what `read_line` says of it, and of a hash only whether it equals another, or nearly.
        # So what reads alike is one case for it: some thousand in place of 400,000.
        verdicts: dict[tuple[object, ...], list[tuple[str, int, int]]] = {}
        for flip in flips(index):
            lines = flip.lines()
            seen = looks(flip, lines)
            if seen not in verdicts:
                verdicts[seen] = flip.findings()
            assert verdicts[seen] == expected(flip, lines), flip.place
            kinds[verdicts[seen][0][0]] += 1
    assert set(kinds) == {"edited", "not a line", *(["first line"] if share == 0 else [])}
    assert sum(kinds.values()) == 8 * sum(len(line) + 1 for line in LINES[share:-1:SHARES])


def test_flips_that_read_alike_are_found_alike() -> None:
    chance = Random(20261123)  # noqa: S311 - a repeatable choice
    for _ in range(SAMPLE):
        index = chance.randrange(len(LINES) - 1)
        flip = Flip(index, chance.randrange(len(LINES[index]) + 1), chance.randrange(8))
        assert flip.findings() == expected(flip, flip.lines()), flip.place


def test_any_bit_of_the_last_line_is_found_by_the_head() -> None:
    data, head = joined(LINES), HEADS[-1]
    intact = 0
    for byte in range(len(data) - len(LINES[-1]) - 1, len(data)):
        for bit in range(8):
            report = check(flipped(data, byte, bit), head=head)
            assert report.sought is None, (byte, bit)
            intact += not report.findings
    # That is the limit: without a head, a last line that can still be read says whatever was made of it.
    assert 0 < intact < 8 * len(LINES[-1])


# Part 3 goes on behind a torn tail that could not be cut.
ONE = sealed([opening(), event(1, name="zürich"), gap(2, 4)])
TWO = sealed([opening(4, 2), repair(4), event(5)], head_line(ONE))
THREE = sealed([opening(5, 3, continues="could not cut"), closing(5, lost=3), event(6)], head_line(TWO))
PARTS = [joined(ONE), joined(TWO) + b'{"ts":"2026', joined(THREE)]
NAMES = [log_name(RUN, part + 1) for part in range(3)]
# What follows is no part of the log, or is its last line.
ENDS = [len(PARTS[0]), len(joined(TWO)), len(joined(THREE[:-1]))]


@pytest.mark.parametrize("part", range(3))
def test_any_bit_of_any_part_is_found_at_its_line(part: int) -> None:
    assert check(*PARTS).findings == []
    for byte in range(ENDS[part]):
        here = (part, PARTS[part].count(b"\n", 0, byte) + 1)
        # Without its newline, what was the last line of a part is a torn tail, and the next part misses it.
        missed = (part + 1, 1) if byte == ENDS[part] - 1 else here
        for bit in range(8):
            report = check(*PARTS[:part], flipped(PARTS[part], byte, bit), *PARTS[part + 1 :])
            places = [(place_of(each.first), place_of(each.last)) for each in report.findings]
            assert any(first <= here <= last or first == missed for first, last in places), (here, byte, bit)


def place_of(line: Line) -> tuple[int, int]:
    """Its part, from 0, and its number in there."""
    return NAMES.index(line.file), line.number


# The head.


def test_without_the_head_the_last_line_is_the_limit() -> None:
    changed = LINES[-1].replace(b'"message":"Event', b'"message":"Other')
    assert changed != LINES[-1]
    data = joined([*LINES[:-1], changed])
    assert check(data).findings == []
    assert check(data, head=HEADS[-1]).sought is None


@pytest.mark.parametrize("number", [1, 2, 150, COUNT])
def test_the_head_of_a_line_says_how_many_came_since(number: int) -> None:
    report = check(joined(LINES), head=HEADS[number])
    assert report.sought is not None
    assert (report.sought.number, report.since) == (number, COUNT - number)
