"""Goes through the lines of one part in either direction. Pure but for what `read` does."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from sidecar.verify.line import MAX_LINE

# Some thousand lines: who gives up between two blocks has not read much in vain.
BLOCK = 256 * 1024

Read = Callable[[int, int], bytes]


class Step(NamedTuple):
    """A line from `begin` to `end`, which is behind its newline; `raw` comes without it, and empty when it is too long."""

    begin: int
    end: int
    raw: bytes


def backward(read: Read, end: int) -> Iterator[Step]:
    """The whole lines before `end`, the last one first. What stands behind the last newline is torn, and left out."""
    rest, line_end = b"", 0
    while end > 0:
        start = max(end - BLOCK, 0)
        block = read(start, end) + rest
        behind = start + len(block)
        rest, *lines = block.split(b"\n")
        for line in reversed(lines):
            begin = behind - len(line)
            if line_end:
                yield Step(begin, line_end, line if line_end - begin == len(line) + 1 else b"")
            line_end, behind = begin, begin - 1
        end = start
        if len(rest) > MAX_LINE:
            # That it is too long is all that matters of it.
            rest = b""
    if line_end:
        yield Step(0, line_end, rest if line_end == len(rest) + 1 else b"")


def forward(read: Read, start: int, size: int) -> Iterator[Step]:
    """The whole lines from `start` to `size`."""
    rest, begin, position = b"", start, start
    while position < size:
        block = read(position, min(position + BLOCK, size))
        if not block:
            # Cut since it was opened.
            return
        position += len(block)
        *lines, last = (rest + block).split(b"\n")
        end = position - len(last)
        sizes = [len(line) + 1 for line in lines]
        line_end = end - sum(sizes)
        for line, size_of_line in zip(lines, sizes, strict=True):
            line_end += size_of_line
            yield Step(begin, line_end, line if line_end - begin == size_of_line else b"")
            begin = line_end
        rest = b"" if len(last) > MAX_LINE else last
