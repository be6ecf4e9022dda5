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

from shared.chain import GENESIS, SIDECAR_CATEGORY, head_of

# More than the longest line: 64 KiB of MessagePack whose every byte JSON writes as six.
LONGEST_LINE = 512 * 1024
# What one append writes before it is fsynced, and one line more.
COMMIT_BYTES = 1024 * 1024
# Holds the extent of the last commit, its records included, and the line before it.
WINDOW = COMMIT_BYTES + 3 * LONGEST_LINE
# A closing line is short.
LAST_LINE_BLOCK = 4 * 1024
FIRST_LINE_BLOCK = 64 * 1024
SEARCH_BLOCK = 1024 * 1024

ReadAt = Callable[[int, int], bytes]

_LINE_START = b'{"ts":"'
_NO_LINE = "no line of it can be read"
# The end of a whole line, and something behind it that no crash leaves there.
_LINE_AND_MORE = re.compile(rb',"prev":"[0-9a-f]{64}"}[^\0]')


class Line(msgspec.Struct, frozen=True):
    """The keys of a line that recovery needs."""

    prev: str
    category: str = ""
    seq: int = 0
    last: int = -1
    lost_from: object = None
    outcome: object = None

    @property
    def accounted(self) -> int:
        """The last sequence number accounted for with this line, -1 if it does not say."""
        return self.seq or self.last

    def follows(self, last: int) -> bool:
        """Whether its number is one that can come behind `last`."""
        if self.seq:
            return self.seq == last + 1
        return self.last == last or self.lost_from == last + 1

    @property
    def closes(self) -> bool:
        """Whether this is a closing line."""
        return self.category == SIDECAR_CATEGORY and self.seq == 0 and isinstance(self.outcome, str)


class Tail(NamedTuple):
    """`size` bytes of whole good lines, then `torn` bytes without a newline.

    `head` and `last` are those of the last good line (GENESIS and -1: there is none), `closed` whether it closes the run.
    With `corrupt`, which says what is the matter, the part must not be gone on with; otherwise `torn` bytes may be cut.
    """

    size: int
    torn: int
    head: str
    last: int
    closed: bool
    corrupt: str


_decode = msgspec.json.Decoder(Line).decode


def read_tail(read_at: ReadAt, size: int) -> Tail:
    """Read the tail of a part of `size` bytes through `read_at(size, offset)`, in memory of some windows."""
    end = size
    while True:
        offset = max(end - WINDOW, 0)
        block = read_at(end - offset, offset)
        lines, lines_end = _whole_lines(block, offset)
        good = _walk(lines)
        if good.last is not None:
            break
        if offset == 0:
            remainder = block[lines_end:] if end == size else b""
            unreadable = lines or end < size or _is_no_tear(remainder)
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
    head = head_of(lines[good.lines - 1])
    return Tail(size_good, torn, head, good.last.accounted, good.last.closes, corrupt)


def ends_closed(read_at: ReadAt, size: int) -> bool:
    """Whether the last line closes the run, chained to those before it: cheaper than the whole tail, for many old logs."""
    block_size = min(size, LAST_LINE_BLOCK)
    lines, end = _whole_lines(read_at(block_size, size - block_size), size - block_size)
    good = _walk(lines)
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


class _Good(NamedTuple):
    """How many `lines` are good, the `last` of them, and how many of them do not fit the line before (`misfits`)."""

    lines: int
    last: Line | None
    misfits: int


def _walk(lines: list[bytes]) -> _Good:
    good, misfits, head, number = _Good(0, None, 0), 0, "", -1
    for count, line in enumerate(lines, 1):
        found = parse(line)
        if found is None:
            break
        if not head or found.prev == head:
            good = _Good(count, found, misfits)
        elif found.follows(number):
            # One of the two was changed. Trusted once the next is chained to it: who forges both could chain them well.
            misfits += 1
        else:
            break
        head, number = head_of(line), found.accounted
    return good


def _corruption(good: _Good, behind: int, remainder: bytes) -> str:
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


def parse(line: bytes) -> Line | None:
    """The needed keys of a line, None if it is not one of ours."""
    try:
        found = _decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Whatever it is, it is not a line of a log; the caller decides what that means.
        return None
    return found if found.accounted >= 0 and len(found.prev) == len(GENESIS) else None


class Opening(msgspec.Struct, frozen=True):
    """The keys of a part's opening line that recovery needs."""

    run: str
    pid: int
    started: float
    host: str
    category: Literal["audit"]
    lost: int = 0


class _GapRecord(msgspec.Struct, frozen=True):
    category: Literal["audit"]
    last: int
    lost_from: int
    lost_to: int


_decode_opening = msgspec.json.Decoder(Opening).decode
_decode_gap = msgspec.json.Decoder(_GapRecord).decode


def read_opening(read_at: ReadAt) -> Opening | None:
    """The opening line of a part, None if its first line is not one."""
    first, _, _ = read_at(FIRST_LINE_BLOCK, 0).partition(b"\n")
    try:
        return _decode_opening(first)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Edited or torn; the caller does without.
        return None


def count_lost(read_at: ReadAt, size: int) -> int:
    """How many numbers the gaps of a log declare, up to the end of this part.

    Its opening line carries the sum of the parts before; its own gap records are searched for, a part being 64 MiB.
    """
    opening = read_opening(read_at)
    lost = opening.lost if opening else 0
    rest, offset = b"", 0
    while block := read_at(min(SEARCH_BLOCK, size - offset), offset):
        offset += len(block)
        lines, _, rest = (rest + block).rpartition(b"\n")
        if len(rest) > LONGEST_LINE:
            # Nothing of ours.
            rest = b""
        lost += sum(_lost_in(line) for line in lines.split(b"\n")) if b'"lost_from":' in lines else 0
    return lost


def _lost_in(line: bytes) -> int:
    if b'"lost_from":' not in line:
        return 0
    try:
        gap = _decode_gap(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # An event whose extra has that name.
        return 0
    return gap.lost_to - gap.lost_from + 1
