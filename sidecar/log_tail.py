"""Reads the end of a log part: where the last whole line ends, what number it accounts for, what hangs behind it.

Only the tail is read, so a log of any size is taken up in the same time. Different findings:

- A torn tail: a prefix of a line without its newline, perhaps of zeros. A crash's normal trace.
- A hole: the pages of the last commit reach the disk in any order, so whole lines may stand behind some that never did.
  The log ends before the first line of the last commit's extent that cannot be read; what stands behind it was not durable.
- A line that can be read and does not fit the chain was changed by somebody, or is not ours.
"""

import re
from collections.abc import Callable
from typing import Literal, NamedTuple

import msgspec

from shared.chain import GENESIS, head_of
from shared.wire import MAX_SEQ
from sidecar.log_chain import Before, Good, follow
from sidecar.log_line import UNREADABLE, Line, parse

# More than the longest line: 64 KiB of MessagePack whose every byte JSON writes as six.
LONGEST_LINE = 512 * 1024
# What one append writes before it is fsynced, and one line more.
COMMIT_BYTES = 1024 * 1024
# Holds the extent of the last commit, its records included, and the line before it.
WINDOW = COMMIT_BYTES + 3 * LONGEST_LINE
# No part is as large as this: a file that somebody made a thousand times larger is not searched for its last line.
FARTHEST = 256 * 1024 * 1024
# A closing line is short.
LAST_LINE_BLOCK = 4 * 1024
FIRST_LINE_BLOCK = 64 * 1024
SEARCH_BLOCK = 1024 * 1024

ReadAt = Callable[[int, int], bytes]

_LINE_START = b'{"ts":"'
_NO_LINE = "no line of it can be read"
# The end of a whole line, and something behind it that no crash leaves there.
_LINE_AND_MORE = re.compile(rb',"prev":"[0-9a-f]{64}"}[^\0]')


class Tail(NamedTuple):
    """`size` bytes of whole good lines, then `torn` bytes without a newline.

    `head` and `last` are those of the last good line (GENESIS and -1: there is none), `closed` whether it closes the run.
    With `corrupt`, which says what is the matter, the part must not be gone on with; otherwise `torn` bytes may be cut.
    `lost` counts the numbers in gaps from the byte `start` on, behind which the chain was followed.
    """

    size: int
    torn: int
    head: str
    last: int
    closed: bool
    corrupt: str
    start: int = 0
    lost: int = 0


def read_tail(
    read_at: ReadAt, size: int, before: Before | None = None, most: int = MAX_SEQ, known: Before | None = None
) -> Tail:
    """Read the tail of a part of `size` bytes through `read_at(size, offset)`, in memory of some windows.

    `before` is what its first line must follow, if that is known; no number greater than `most` was ever given out,
    and `known` is the last line that was acknowledged.
    """
    end = size
    while True:
        offset = max(end - WINDOW, 0)
        block = read_at(end - offset, offset)
        lines, lines_end = _whole_lines(block, offset)
        good = follow(lines, None if offset else before, most, known)
        if good.last is not None:
            break
        if offset == 0 or size - offset >= FARTHEST:
            remainder = block[lines_end - offset :] if end == size else b""
            unreadable = lines or offset or end < size or _is_no_tear(remainder)
            return Tail(0, len(remainder), GENESIS, -1, closed=False, corrupt=_NO_LINE if unreadable else "")
        # Of the first line in this window there was only the end.
        end = offset + LONGEST_LINE
    behind = lines[good.lines :]
    size_good = lines_end - sum(len(each) + 1 for each in behind)
    if end < size:
        corrupt, torn = f"{size - size_good} bytes behind its last good line cannot be read", 0
    else:
        remainder = block[lines_end - offset :]
        corrupt, torn = _corruption(good, len(behind), remainder), len(remainder)
    # What gaps the first line declares is only known when it is known what stands before it.
    start = lines_end - sum(len(each) + 1 for each in lines[0 if before and not offset else 1 :])
    denied = known if good.denied else None
    if denied:
        # Whatever is chained to it now: the log goes on from the line that was acknowledged.
        corrupt = corrupt or f"the line that was acknowledged as number {denied.last} is not the one that stands there"
    head, last = denied or Before(good.head, good.last.accounted)
    closed = good.last.closes and not (corrupt or torn)
    return Tail(size_good, torn, head, last, closed, corrupt, start, good.lost)


def read_first(read_at: ReadAt) -> Line | None:
    """The first line of a part, None if it is not one of ours."""
    return parse(read_at(FIRST_LINE_BLOCK, 0).partition(b"\n")[0])


def find_line(read_at: ReadAt, size: int, head: str) -> Before | None:
    """The line with this hash near the end of a part of `size` bytes, None if it is not there."""
    offset = max(size - WINDOW, 0)
    lines, _ = _whole_lines(read_at(size - offset, offset), offset)
    line = next((each for each in reversed(lines) if head_of(each) == head), b"")
    found = parse(line)
    return Before(head, found.accounted) if found else None


def read_end(read_at: ReadAt, size: int) -> Before | None:
    """What the part behind one of `size` bytes must follow; None when this one does not end in a line."""
    block_size = min(size, LONGEST_LINE)
    lines, end = _whole_lines(read_at(block_size, size - block_size), size - block_size)
    last = parse(lines[-1]) if lines and end == size else None
    return Before(head_of(lines[-1]), last.accounted) if last else None


def ends_closed(read_at: ReadAt, size: int) -> bool:
    """Whether the last line closes the run, chained to those before it: cheaper than the whole tail, for many old logs."""
    block_size = min(size, LAST_LINE_BLOCK)
    lines, end = _whole_lines(read_at(block_size, size - block_size), size - block_size)
    good = follow(lines, None, MAX_SEQ)
    is_whole = end == size and good.lines == len(lines) and not good.misfits
    return is_whole and good.last is not None and good.last.closes


def _whole_lines(block: bytes, offset: int) -> tuple[list[bytes], int]:
    """The lines that lie wholly in `block`, and where the last of them ends in the file."""
    end = block.rfind(b"\n") + 1
    if end == 0:
        return [], offset
    lines = block[: end - 1].split(b"\n")
    # The first one may have begun before the block.
    return (lines[1:] if offset else lines), offset + end


def _corruption(good: Good, behind: int, remainder: bytes) -> str:
    if behind:
        return f"{_lines(behind)} behind its last good one cannot be read as part of the chain"
    if good.misfits:
        return f"{_lines(good.misfits)} near its end cannot be read as part of the chain"
    if _is_no_tear(remainder):
        return f"{len(remainder)} bytes behind its last good line are no torn line"
    return ""


def _lines(number: int) -> str:
    return "1 line" if number == 1 else f"{number} lines"


def _is_no_tear(remainder: bytes) -> bool:
    """Whether the bytes behind the last newline cannot be the beginning of one line."""
    # Where a page was lost, there are zeros.
    begins = all(found in {0, wanted} for found, wanted in zip(remainder, _LINE_START, strict=False))
    return not begins or len(remainder) > LONGEST_LINE or _LINE_AND_MORE.search(remainder) is not None


class Opening(msgspec.Struct, frozen=True):
    """The keys of a part's opening line that recovery needs."""

    run: str
    pid: int
    started: float
    host: str
    category: Literal["audit"]
    lost: int = 0


class _GapRecord(msgspec.Struct, frozen=True):
    last: int
    lost_from: int
    lost_to: int
    # An event has one, and extras of any name.
    seq: None = None


_decode_opening = msgspec.json.Decoder(Opening).decode
_decode_gap = msgspec.json.Decoder(_GapRecord).decode


def read_opening(read_at: ReadAt) -> Opening | None:
    """The opening line of a part, None if its first line is not one."""
    first, _, _ = read_at(FIRST_LINE_BLOCK, 0).partition(b"\n")
    try:
        return _decode_opening(first)
    except UNREADABLE:
        # Edited or torn; the caller does without.
        return None


def count_lost(read_at: ReadAt, size: int) -> int:
    """How many numbers the gap records of a part of `size` bytes declare: all of it is searched, a part being 64 MiB."""
    gaps = list[_GapRecord]()
    rest, offset = b"", 0
    while block := read_at(min(SEARCH_BLOCK, size - offset), offset):
        offset += len(block)
        lines, _, rest = (rest + block).rpartition(b"\n")
        if len(rest) > LONGEST_LINE:
            # Nothing of ours.
            rest = b""
        if b'"lost_from":' in lines:
            gaps += filter(None, map(_gap_in, lines.split(b"\n")))
    lost = highest = 0
    # A number is lost once, also when a record was copied or moved.
    for gap in sorted(gaps, key=lambda each: each.lost_from):
        lost += max(gap.lost_to - max(gap.lost_from, highest + 1) + 1, 0)
        highest = max(highest, gap.lost_to)
    return lost


def _gap_in(line: bytes) -> _GapRecord | None:
    if b'"lost_from":' not in line:
        return None
    try:
        return _decode_gap(line)
    except UNREADABLE:
        # An event whose extra has that name.
        return None
