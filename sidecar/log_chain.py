"""Follows the chain through the lines at the end of a log: which is the last that belongs to it. Pure.

- The hashes say which line stands behind which, so a line that somebody put in, doubled or moved takes away no other.
- Where a hash fits nowhere, one of two lines was changed, and the numbers say how it goes on.
"""

from typing import NamedTuple

from shared.chain import GENESIS, head_of
from sidecar.log_line import Line, parse


class Before(NamedTuple):
    """What a line must follow: the hash of the line before, and the last number accounted for with that."""

    head: str
    last: int


BEGINNING = Before(GENESIS, 0)


class Good(NamedTuple):
    """How many `lines` it takes to the last good one, which is `last` with the hash `head`.

    `misfits` counts what does not fit on the way, `lost` the numbers that are in gaps behind the first line, or behind
    what that was to follow; `denied`, whether a line that is known to have been there is not.
    """

    lines: int
    last: Line | None
    head: str
    misfits: int
    lost: int = 0
    denied: bool = False


_NOTHING = Good(0, None, GENESIS, 0)


def follow(lines: list[bytes], before: Before | None, most: int, known: Before | None = None) -> Good:
    """Follow the chain from `before`, or from the first line if that is None, through numbers of at most `most`.

    `known` is the last line of which somebody else knows that it was there.
    """
    found = [_within(parse(line), most) for line in lines]
    heads = [head_of(line) for line in lines]
    followers = _followers(found, heads)
    if before and found and found[0] and found[0].continues and found[0].prev != before.head:
        # It says itself what it goes on from, and that is not here.
        before = None
    is_bound = before is not None
    passed = [before] if before else []
    good, misfits, lost, at, used = _NOTHING, 0, 0, -1, set[int]()
    while step := _step(found, followers, before, at, used):
        misfits += step.misfits
        at, line = step.at, step.line
        used.add(at)
        # An event may have an extra of that name.
        if before and not line.seq and line.lost_from is not None:
            lost += line.accounted - before.last
        before = Before(heads[at], line.accounted)
        passed.append(before)
        if step.is_chained:
            good = Good(max(good.lines, at + 1), line, heads[at], misfits, lost)
    # A first line that nothing is known to stand before says nothing by itself: the next must follow it.
    if not (is_bound or good.lines > 1 or len(lines) == 1):
        return _NOTHING
    return good._replace(denied=known is not None and _denies(passed, known))


class _Step(NamedTuple):
    at: int
    line: Line
    misfits: int
    is_chained: bool


def _step(
    found: list[Line | None], followers: dict[str, int], before: Before | None, at: int, used: set[int]
) -> _Step | None:
    chained = followers.get(before.head) if before else None
    if before and chained is not None and (line := found[chained]) and line.follows(before.last):
        return _Step(chained, line, chained - at - 1 if chained > at else 1, is_chained=True)
    following = at + 1
    if following < len(found) and following not in used and (line := found[following]):
        if before is None:
            return _Step(following, line, 0, is_chained=True)
        if line.follows(before.last):
            # One of the two was changed. Trusted once the next is chained to it: who forges both could chain them well.
            return _Step(following, line, 1, is_chained=False)
    return None


def _within(line: Line | None, most: int) -> Line | None:
    return line if line and line.accounted <= most else None


def _followers(found: list[Line | None], heads: list[str]) -> dict[str, int]:
    """Which line stands behind that with a hash; of several, the one that most others stand behind, or the first."""
    followers: dict[str, int] = {}
    reach = [0] * len(found)
    for at in reversed(range(len(found))):
        if line := found[at]:
            follower = followers.get(heads[at])
            reach[at] = 1 + (reach[follower] if follower is not None else 0)
            rival = followers.get(line.prev)
            if rival is None or reach[at] >= reach[rival]:
                followers[line.prev] = at
    return followers


def _denies(passed: list[Before], known: Before) -> bool:
    """Whether these lines lead past a known one, and it is not among them."""
    lasts = [each.last for each in passed]
    return bool(lasts) and lasts[0] < known.last <= lasts[-1] and all(each.head != known.head for each in passed)
