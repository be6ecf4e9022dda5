"""Reads the file of a part, plain or compressed, in bounded memory. Only reads."""

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

from shared.naming import COMPRESSED
from sidecar.compression import BLOCK, decompressed


def read_blocks(path: Path) -> Iterator[bytes]:
    """The bytes of a part; `path` names the form. Raises OSError, and BrokenError behind what is whole of it."""
    try:
        yield from _blocks_of(path)
    except FileNotFoundError:
        # Its bytes may have been compressed since it was found, and only then did it go.
        other = path.with_name(path.name + COMPRESSED)
        if not other.exists():
            raise
        yield from _blocks_of(other)


def file_blocks(path: Path) -> Iterator[bytes]:
    """The bytes of a file as they stand. Raises OSError."""
    with os.fdopen(open_regular(path), "rb", buffering=0) as file:
        while block := file.read(BLOCK):
            yield block


def read_lines(path: Path, longest: int) -> Iterator[tuple[bytes, bool]]:
    """Lines of a part without their newline, each with whether it had one. Raises what `read_blocks` does.

    Of a line that has more than `longest` bytes, only the first ones are returned.
    """
    rest = b""
    for block in read_blocks(path):
        first, *others = block.split(b"\n")
        # What is too long is kept just long enough to show it.
        rest = (rest + first)[: longest + 1]
        for line in others:
            yield rest, True
            rest = line
    if rest:
        # A crash tears one line; so much without a newline is something else.
        yield rest, len(rest) > longest


def open_regular(path: Path) -> int:
    """Open a regular file for reading and return the descriptor. Raises OSError, also for anything else that stands there."""
    # A pipe of that name would be waited for.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
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


def _blocks_of(path: Path) -> Iterator[bytes]:
    blocks = file_blocks(path)
    return decompressed(blocks) if path.name.endswith(COMPRESSED) else blocks
