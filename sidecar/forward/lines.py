"""Reads the lines of logs that are to be forwarded. Only reads, and follows no symbolic link.

A compressed part can only be read from its beginning; the last one is kept open, for who goes on in it.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from shared.naming import compressed_name, log_name, parse_part_name
from sidecar import portable
from sidecar.compression import BLOCK, content_size, decompressed
from sidecar.forward.extent import PartFile, Stretch
from sidecar.log_tail import ends_closed
from sidecar.reading import open_regular

# A line of usual size, with room; and what is read at once.
LINE_BYTES = 512
BATCH_BYTES = 512 * 1024
# No line of ours comes near it: what is longer is not sent.
LONGEST = 8 * 1024 * 1024


# The longest one, RFC 8878.
_FRAME_HEADER = 18


class LineTooLongError(Exception):
    """There is something without a newline that no log of ours holds."""


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
                    # Compressed or deleted in this moment.
                    with contextlib.suppress(FileNotFoundError):
                        size = entry.stat(follow_symlinks=False).st_size
                        if compressed:
                            size = self._content_size(entry.name)
                        runs.setdefault(run, []).append(PartFile(part, compressed, size))
        return runs

    def closed_size(self, run: str, part: int, written_before: float) -> int | None:
        """Where a plain part ends, if that is in a closing line, durably, and it was written before that (unix seconds).

        A closing line may be on its way to the disk just now, and be cut off again when the disk refuses. One that was
        written a while ago is not.
        """
        fd = open_regular(self._directory / log_name(run, part), follow=False)
        try:
            found = os.fstat(fd)
            is_closed = ends_closed(lambda size, at: portable.pread(fd, size, at), found.st_size)
            if not is_closed or found.st_mtime > written_before:
                return None
            if portable.DIRECTORY:
                # Windows refuses it for a file that is open for reading alone.
                os.fsync(fd)
            return found.st_size
        finally:
            os.close(fd)

    def read(self, run: str, stretch: Stretch, offset: int, most: int) -> list[bytes]:
        """At most `most` whole lines of a stretch from byte `offset` on, none where there are no more.

        Raises LineTooLongError.
        """
        size = min(most * LINE_BYTES, BATCH_BYTES)
        while True:
            data = self._read(run, stretch, offset, size)
            *lines, _ = data.split(b"\n", most)
            if lines:
                return lines
            if len(data) < size:
                return []
            if size > LONGEST:
                raise LineTooLongError
            size *= 4

    def ends_with(self, run: str, stretch: Stretch, offset: int, body: bytes) -> bool:
        """Whether `body` is the line that ends at byte `offset`."""
        start = max(offset - len(body) - 2, 0)
        return ((b"\n" if start == 0 else b"") + self._read(run, stretch, start, offset - start)).endswith(
            b"\n%s\n" % body
        )

    def find_end(self, run: str, stretch: Stretch, line: int) -> tuple[int, bytes] | None:
        """The byte at which a line of a part ends, and the line; None where there are not so many."""
        offset, count = 0, 0
        rest = b""
        for block in self._blocks(run, stretch):
            data = rest + block
            found = data.count(b"\n")
            if count + found >= line:
                lines = data.split(b"\n", line - count)[: line - count]
                return offset + sum(map(len, lines)) + len(lines), lines[-1]
            count += found
            whole, newline, rest = data.rpartition(b"\n")
            offset += len(whole) + len(newline)
        return None

    def count_lines(self, run: str, stretch: Stretch, offset: int, most: int) -> tuple[int, int]:
        """How many newlines stand in at most `most` bytes from byte `offset` of a plain stretch, and how many bytes those were."""
        data = self._read(run, stretch, offset, most)
        return data.count(b"\n"), len(data)

    def close(self) -> None:
        """Let go of what is open."""
        if self._inside is not None:
            self._inside.close()
            self._inside = None

    def _content_size(self, name: str) -> int:
        try:
            fd = open_regular(self._directory / name, follow=False)
        except OSError:
            # Who reads it says what is wrong with it.
            return -1
        try:
            return content_size(os.read(fd, _FRAME_HEADER))
        finally:
            os.close(fd)

    def _read(self, run: str, stretch: Stretch, offset: int, size: int) -> bytes:
        if not stretch.compressed:
            path = self._directory / log_name(run, stretch.part)
            try:
                fd = open_regular(path, follow=False)
            except FileNotFoundError:
                # It was compressed since: what was whole then is whole now.
                return self._inside_of(run, stretch.part, offset).read(offset, size)
            with os.fdopen(fd, "rb", buffering=0) as file:
                end = offset + size if stretch.limit is None else min(offset + size, stretch.limit)
                return _read_at(file.fileno(), end - offset, offset)
        return self._inside_of(run, stretch.part, offset).read(offset, size)

    def _blocks(self, run: str, stretch: Stretch) -> Iterator[bytes]:
        offset = 0
        while data := self._read(run, stretch, offset, BLOCK):
            yield data
            offset += len(data)

    def _inside_of(self, run: str, part: int, offset: int) -> "_Inside":
        if self._inside is None or self._inside.key != (run, part) or offset < self._inside.start:
            self.close()
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
            kept = max(offset - 2 * BATCH_BYTES, self.start)
            self._held = self._held[kept - self.start :] + block
            self.start = kept
        return self._held[offset - self.start : offset - self.start + size]

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def _read_at(fd: int, size: int, offset: int) -> bytes:
    pieces = []
    while size > 0 and (piece := portable.pread(fd, size, offset)):
        pieces.append(piece)
        size, offset = size - len(piece), offset + len(piece)
    return b"".join(pieces)
