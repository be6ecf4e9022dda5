"""Reads the file of a part, plain or compressed, in bounded memory. Only reads."""

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

from shared.naming import COMPRESSED
from sidecar.compression import BLOCK, decompressed


def read_blocks(path: Path, length: int | None = None) -> Iterator[bytes]:
    """The bytes of a part, the first `length` of them; `path` names the form.

    Raises OSError, also where there are fewer, and BrokenError behind what is whole of it.
    """
    try:
        yield from _first(_blocks_of(path), length, path)
    except FileNotFoundError:
        # Its bytes may have been compressed since it was found, and only then did it go.
        other = path.with_name(path.name + COMPRESSED)
        if not other.exists():
            raise
        yield from _first(_blocks_of(other), length, other)


def file_blocks(path: Path, length: int | None = None) -> Iterator[bytes]:
    """The bytes of a file as they stand, the first `length` of them. Raises OSError, also where there are fewer."""
    yield from _first(_all_blocks(path), length, path)


def read_lines(path: Path, longest: int, length: int | None = None) -> Iterator[tuple[bytes, bool]]:
    """Lines of a part, or of its first `length` bytes, without their newline, each with whether it had one.

    Of a line that has more than `longest` bytes, only the first ones are returned. Raises what `read_blocks` does.
    """
    for lines, complete in read_batches(path, longest, length):
        for line in lines:
            yield line, complete


def read_batches(path: Path, longest: int, length: int | None = None) -> Iterator[tuple[list[bytes], bool]]:
    """The same lines, those of a block together; one that had no newline comes alone."""
    rest = b""
    for block in read_blocks(path, length):
        first, *lines = block.split(b"\n")
        # What is too long is kept just long enough to show it.
        rest = (rest + first)[: longest + 1]
        if lines:
            lines.insert(0, rest)
            rest = lines.pop()
            yield lines, True
    if rest:
        # A crash tears one line; so much without a newline is something else.
        yield [rest], len(rest) > longest


def open_regular(path: Path, *, follow: bool = True) -> int:
    """Open a regular file for reading and return the descriptor. Raises OSError, also for anything else that stands there.

    With `follow` false, a symbolic link is such a thing.
    """
    # A pipe of that name would be waited for.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags if follow else flags | getattr(os, "O_NOFOLLOW", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is not a regular file", str(path))
    return descriptor


def digest(blocks: Iterable[bytes]) -> str:
    """SHA-256 of all `blocks`."""
    found = sha256()
    for block in blocks:
        found.update(block)
    return found.hexdigest()


def _all_blocks(path: Path) -> Iterator[bytes]:
    with os.fdopen(open_regular(path), "rb", buffering=0) as file:
        while block := file.read(BLOCK):
            yield block


def _first(blocks: Iterator[bytes], length: int | None, path: Path) -> Iterator[bytes]:
    if length is None:
        yield from blocks
        return
    left = length
    while left > 0 and (block := next(blocks, b"")):
        yield block[:left]
        left -= len(block)
    if left > 0:
        raise OSError(errno.EIO, "it became shorter while it was read", str(path))


def _blocks_of(path: Path) -> Iterator[bytes]:
    blocks = _all_blocks(path)
    return decompressed(blocks) if path.name.endswith(COMPRESSED) else blocks
