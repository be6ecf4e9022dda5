"""Reads the lines of logs that are to be forwarded. Only reads, and follows no symbolic link.

A compressed part can only be read from its beginning; the last one is kept open, for who goes on in it.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from shared.naming import compressed_name, log_name, parse_part_name
from sidecar import portable
from sidecar.compression import BLOCK, decompressed
from sidecar.forward.extent import PartFile, Stretch
from sidecar.forward.resume import Held
from sidecar.log_tail import ends_closed
from sidecar.reading import open_regular

# Some thousand lines.
BATCH_BYTES = 512 * 1024
# No line of ours comes near it: what is longer is not sent.
LONGEST = 8 * 1024 * 1024


class LineTooLongError(Exception):
    """There is something without a newline that no log of ours holds."""


class Batch(NamedTuple):
    """Lines without their newlines."""

    lines: list[bytes]


class LogFiles:
    """The logs of a directory. Every method raises OSError, FileNotFoundError among them, and BrokenError."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._inside: _Inside | None = None

    def find(self) -> dict[str, list[PartFile]]:
        """The parts of each run."""
        runs: dict[str, list[PartFile]] = {}
        with os.scandir(self._directory) as entries:
            for entry in entries:
                if (parsed := parse_part_name(entry.name)) and entry.is_file(follow_symlinks=False):
                    run, part, compressed = parsed
                    try:
                        size = entry.stat(follow_symlinks=False).st_size
                    except FileNotFoundError:
                        # Compressed or deleted in this moment.
                        continue
                    runs.setdefault(run, []).append(PartFile(part, compressed, size))
        return runs

    def is_closed(self, run: str, part: int, *, settled_before: float) -> bool:
        """Whether a plain part ends in a closing line, durably, and was last written before `settled_before` (unix seconds).

        The closing line may be on its way to the disk just now, and be cut off again when the disk refuses. What was
        written a while ago is not.
        """
        path = self._directory / log_name(run, part)
        fd = open_regular(path, follow=False)
        try:
            found = os.fstat(fd)
            if found.st_mtime > settled_before or not ends_closed(lambda size, at: portable.pread(fd, size, at), found.st_size):
                return False
            _fsync(fd)
            return True
        finally:
            os.close(fd)

    def read(self, run: str, stretch: Stretch, offset: int, most: int) -> list[bytes]:
        """At most `most` whole lines of a stretch from byte `offset` on, none where there are no more.

        Raises LineTooLongError.
        """
        lines: list[bytes] = []
        size, longest = 0, BATCH_BYTES
        while not lines:
            data = self._read(run, stretch, offset, longest)
            whole, newline, _ = data.rpartition(b"\n")
            if newline:
                lines = whole.split(b"\n")[:most]
            elif len(data) < longest:
                return []
            elif longest > LONGEST:
                raise LineTooLongError
            else:
                longest *= 4
        # No more than the batch, whatever a line needed.
        for number, line in enumerate(lines):
            size += len(line)
            if size > BATCH_BYTES and number:
                return lines[:number]
        return lines

    def ends_with(self, run: str, stretch: Stretch, offset: int, body: bytes) -> bool:
        """Whether `body` is the line that ends at byte `offset`."""
        start = max(offset - len(body) - 2, 0)
        return ((b"\n" if start == 0 else b"") + self._read(run, stretch, start, offset - start)).endswith(b"\n%s\n" % body)

    def find_end(self, run: str, stretch: Stretch, held: Held) -> tuple[int, bytes] | None:
        """The byte at which the line `held.line` of a part ends, and the line; None where there are not so many."""
        offset, count = 0, 0
        rest = b""
        for block in self._blocks(run, stretch):
            data = rest + block
            found = data.count(b"\n")
            if count + found >= held.line:
                lines = data.split(b"\n", held.line - count)[: held.line - count]
                return offset + sum(map(len, lines)) + len(lines), lines[-1]
            count += found
            whole, newline, rest = data.rpartition(b"\n")
            offset += len(whole) + len(newline)
        return None

    def count_lines(self, run: str, stretch: Stretch, offset: int, most: int) -> tuple[int, int]:
        """How many newlines stand in at most `most` bytes from byte `offset` of a plain stretch, and how many bytes those were."""
        data = self._read(run, stretch, offset, most)
        return data.count(b"\n"), len(data)

    def _read(self, run: str, stretch: Stretch, offset: int, size: int) -> bytes:
        if stretch.limit is not None:
            path = self._directory / log_name(run, stretch.part)
            try:
                fd = open_regular(path, follow=False)
            except FileNotFoundError:
                # It was compressed since: what was whole then is whole now.
                stretch = stretch._replace(limit=None)
            else:
                with os.fdopen(fd, "rb", buffering=0) as file:
                    return _read_at(file.fileno(), min(size, max(stretch.limit - offset, 0)), offset)
        return self._inside_of(run, stretch.part, offset).read(offset, size)

    def _blocks(self, run: str, stretch: Stretch) -> Iterator[bytes]:
        offset = 0
        while data := self._read(run, stretch, offset, BLOCK):
            yield data
            offset += len(data)

    def _inside_of(self, run: str, part: int, offset: int) -> "_Inside":
        if self._inside is None or self._inside.key != (run, part) or offset < self._inside.start:
            if self._inside is not None:
                self._inside.close()
            self._inside = _Inside((run, part), self._directory / compressed_name(run, part))
        return self._inside


class _Inside:
    """What is in a compressed part, read forwards; a little of what was read stays."""

    def __init__(self, key: tuple[str, int], path: Path) -> None:
        self.key = key
        self.start = 0
        self._held = b""
        self._file = os.fdopen(open_regular(path, follow=False), "rb", buffering=0)
        self._blocks = decompressed(iter(lambda: self._file.read(BLOCK), b""))

    def read(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset`, which is not before `start`."""
        while self.start + len(self._held) < offset + size and (block := next(self._blocks, b"")):
            # What a burst is made of may be asked for again, or compared with.
            kept = max(offset - 2 * LONGEST, self.start)
            self._held = self._held[kept - self.start :] + block
            self.start = kept
        return self._held[offset - self.start : offset - self.start + size]

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def _read_at(fd: int, size: int, offset: int) -> bytes:
    pieces = []
    while size and (piece := portable.pread(fd, size, offset)):
        pieces.append(piece)
        size, offset = size - len(piece), offset + len(piece)
    return b"".join(pieces)


def _fsync(fd: int) -> None:
    if portable.DIRECTORY:
        # Windows refuses it for a file that is open for reading alone.
        os.fsync(fd)
