"""The files of a log as `check` wants them: lines, and what is the matter with a compressed part. Only reads."""

import errno
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from sidecar.compression import BrokenError
from sidecar.parts import Log
from sidecar.reading import digest, read_batches, read_blocks
from sidecar.verify.check import Part
from sidecar.verify.line import MAX_LINE

_TOLD_EACH = 1024 * 1024
# Told of a part and how many bytes of it were read, compressed or not.
Tell = Callable[[Path, int], None]


class Source:
    """The lines of a part's file. When they have been read, `broken` says why no more of it can be decompressed, if so.

    The line `broken_at`, which is none, then stands for what is missing. `tell` hears how far one reading is, each MiB.
    `length`: no more than so many bytes are read.
    """

    def __init__(self, path: Path, tell: Tell | None = None, length: int | None = None) -> None:
        self.path = path
        self.length = length
        self._tell = tell
        self.broken = ""
        self.broken_at = 0

    def read(self) -> Iterator[tuple[list[bytes], bool]]:
        """The lines, as `read_chunks` gives them. Raises OSError when the file cannot be read."""
        number, size, told = 1, 0, 0
        try:
            for lines, complete in read_chunks(self.path, self.length):
                yield lines, complete
                number += len(lines)
                size += sum(map(len, lines)) + len(lines)
                if self._tell and size - told >= _TOLD_EACH:
                    told = size
                    self._tell(self.path, size)
        except BrokenError as error:
            self.broken, self.broken_at = str(error), number
            yield [b""], True


def sources_of(log: Log, tell: Tell | None = None) -> dict[int, Source]:
    """The parts of a log by their numbers, without those in whose place something else than a file stands.

    Raises OSError when nothing is left.
    """
    sources = {
        number: Source(path, tell, log.lengths.get(path))
        for number, path in log.parts.items()
        if not log.whole or _is_file(path)
    }
    if not sources:
        raise OSError(errno.EINVAL, "it is not a regular file", str(log.path))
    return sources


def parts_of(log: Log, sources: dict[int, Source]) -> list[Part]:
    """The same, to be checked."""
    return [Part(source.path.name, log.run, number, source.read) for number, source in sources.items()]


def read_chunks(path: Path, length: int | None = None) -> Iterator[tuple[list[bytes], bool]]:
    """Lines of a part without their newline, some at a time, with whether they had one. Raises OSError and BrokenError."""
    return read_batches(path, MAX_LINE, length)


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        # It may be compressed by now, which reading it finds out.
        return True


def difference(plain: Path, compressed: Path, length: int | None = None) -> str:
    """Why the two forms of a part, the plain one of `length` bytes, do not hold the same ones; empty when they do. Raises OSError."""
    try:
        same = digest(read_blocks(plain, length)) == digest(read_blocks(compressed))
    except BrokenError as error:
        return f"the compressed one cannot be read: {error}"
    return "" if same else "they hold different bytes"
