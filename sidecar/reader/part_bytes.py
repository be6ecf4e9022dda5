"""The bytes of one part at any place, whichever form it is in. Only reads.

A compressed part is held in memory once it was decompressed, at most MOST_HELD bytes of it.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from shared.naming import COMPRESSED
from sidecar.compression import BrokenError
from sidecar.reading import open_regular, read_blocks

# Twice what a part has by default. Of a larger one the beginning is held.
MOST_HELD = 128 * 1024 * 1024


class PartBytes:
    """Made by `Opener`. `size` is fixed when it is opened; `broken`: not all of a compressed part could be had."""

    def __init__(self, size: int, *, descriptor: int = -1, held: bytes = b"", broken: bool = False) -> None:
        self.size = size
        self.broken = broken
        self._descriptor = descriptor
        self._held = held

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` to `end`, fewer where there are no more. Raises OSError."""
        return self._held[start:end] if self._descriptor < 0 else b"".join(self._pieces(start, end))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)

    def _pieces(self, start: int, end: int) -> Iterator[bytes]:
        while start < end and (piece := _read_at(self._descriptor, end - start, start)):
            yield piece
            start += len(piece)


class Opener:
    """Opens parts, and keeps what the last compressed one held, for who goes through it piece by piece."""

    def __init__(self) -> None:
        self._kept: tuple[object, PartBytes] | None = None

    def open_part(self, path: Path) -> PartBytes:
        """The bytes of a part; use it as a context manager. Raises OSError."""
        if not path.name.endswith(COMPRESSED):
            try:
                descriptor = open_regular(path)
            except FileNotFoundError:
                # It may have been compressed since it was found.
                path = path.with_name(path.name + COMPRESSED)
            else:
                return PartBytes(os.fstat(descriptor).st_size, descriptor=descriptor)
        found = path.stat()
        key = (path, found.st_ino, found.st_size, found.st_mtime_ns)
        if self._kept is None or self._kept[0] != key:
            self._kept = None
            self._kept = (key, _decompressed(path))
        return self._kept[1]


def _decompressed(path: Path) -> PartBytes:
    held, broken = bytearray(), False
    try:
        for block in read_blocks(path):
            held += block
            if len(held) > MOST_HELD:
                broken = True
                break
    except BrokenError:
        # `verify` says what is the matter with it.
        broken = True
    return PartBytes(len(held), held=bytes(held), broken=broken)


if sys.platform == "win32":

    def _read_at(descriptor: int, size: int, offset: int) -> bytes:
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.read(descriptor, size)

else:

    def _read_at(descriptor: int, size: int, offset: int) -> bytes:
        return os.pread(descriptor, size, offset)
