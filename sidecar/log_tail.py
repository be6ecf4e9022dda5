"""Reads the end of a log part: where the last whole line ends, what number it accounts for, what hangs behind it.

Only the tail is read, in blocks from the end backwards, so a log of any size is taken up in the same time.
A torn tail and corruption are different findings: the first is a crash's normal trace.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

import msgspec

from shared.chain import GENESIS, SIDECAR_CATEGORY, head_of

BLOCK = 64 * 1024
SEARCH_BLOCK = 4 * 1024 * 1024
# More than the longest line: 64 KiB of MessagePack whose every byte JSON writes as six.
LONGEST_LINE = 512 * 1024

ReadAt = Callable[[int, int], bytes]


class Line(msgspec.Struct, frozen=True):
    """The keys of a line that recovery needs."""

    prev: str
    category: str = ""
    seq: int = 0
    last: int = -1
    outcome: object = None

    @property
    def accounted(self) -> int:
        """The last sequence number accounted for with this line, -1 if it does not say."""
        return self.seq or self.last

    @property
    def closes(self) -> bool:
        """Whether this is a closing line."""
        return self.category == SIDECAR_CATEGORY and self.seq == 0 and isinstance(self.outcome, str)


class Tail(NamedTuple):
    """`size` bytes of whole good lines, then `torn` bytes without a newline.

    `head` and `last` are those of the last good line (GENESIS and -1: there is none), `closed` whether it closes the run.
    With `corrupt`, says what stands behind the good lines instead of a torn line.
    """

    size: int
    torn: int
    head: str
    last: int
    closed: bool
    corrupt: str


_decode = msgspec.json.Decoder(Line).decode


def read_tail(read_at: ReadAt, size: int) -> Tail:
    """Read the tail of a part of `size` bytes through `read_at(size, offset)`."""
    block_size = min(size, BLOCK)
    while True:
        offset = size - block_size
        lines, end = _whole_lines(read_at(block_size, offset), offset)
        good = _last_good(lines)
        if good is not None or offset == 0:
            break
        block_size = min(size, block_size * 8)
    torn = size - end
    if good is None:
        unreadable = lines or torn > LONGEST_LINE
        return Tail(0, torn, GENESIS, -1, closed=False, corrupt="no line of it can be read" if unreadable else "")
    index, line, found = good
    trailing = len(lines) - 1 - index
    corrupt = f"{trailing} lines behind its last good one cannot be read" if trailing else ""
    if torn > LONGEST_LINE:
        corrupt = f"{torn} bytes without a line behind its last good one"
    size_good = end - sum(len(each) + 1 for each in lines[index + 1 :])
    return Tail(size_good, torn, head_of(line), found.accounted, found.closes, corrupt)


def _whole_lines(block: bytes, offset: int) -> tuple[list[bytes], int]:
    """The lines that lie wholly in `block`, and where the last of them ends in the file."""
    end = block.rfind(b"\n") + 1
    if end == 0:
        return [], offset
    lines = block[: end - 1].split(b"\n")
    # The first one may have begun before the block.
    return (lines[1:] if offset else lines), offset + end


def _last_good(lines: list[bytes]) -> tuple[int, bytes, Line] | None:
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index]
        found = parse(line)
        if found is not None and (index == 0 or found.prev == head_of(lines[index - 1])):
            return index, line, found
    return None


def parse(line: bytes) -> Line | None:
    """The needed keys of a line, None if it is not one of ours."""
    try:
        found = _decode(line)
    except msgspec.DecodeError:
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
    first, _, _ = read_at(BLOCK, 0).partition(b"\n")
    try:
        return _decode_opening(first)
    except msgspec.DecodeError:
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
        lost += sum(_lost_in(line) for line in lines.split(b"\n")) if b'"lost_from":' in lines else 0
    return lost


def _lost_in(line: bytes) -> int:
    if b'"lost_from":' not in line:
        return 0
    try:
        gap = _decode_gap(line)
    except msgspec.DecodeError:
        # An event whose extra has that name.
        return 0
    return gap.lost_to - gap.lost_from + 1
