"""The files of one run's log as a starting sidecar finds them: which parts there are, and how each of them ends."""

import contextlib
import errno
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from shared.chain import GENESIS
from shared.naming import MAX_PART, compressed_name, log_name, parse_part_name
from shared.wire import MAX_SEQ
from sidecar.compression import BLOCK, BrokenError, decompressed
from sidecar.disk import Disk
from sidecar.log_chain import BEGINNING, Before
from sidecar.log_tail import ReadAt, Tail, count_lost, find_line, read_end, read_first, read_opening, read_tail

_UNKNOWN: Mapping[int, int] = MappingProxyType({})
NOTHING_GOOD = Tail(0, 0, GENESIS, -1, closed=False, corrupt="")
# What opening something that is no regular file gives.
_NO_FILE = {errno.ELOOP, errno.EISDIR, errno.ENXIO, errno.EINVAL}


class Ending(NamedTuple):
    """How a log ends: `tail` is that of `part`, the newest with a good line in it (0: there is none).

    `newest` is the tail of the newest part of all, `corrupt` says what is the matter with the newest that is damaged.
    """

    tail: Tail
    part: int
    newest: Tail
    corrupt: str

    @property
    def last(self) -> int:
        """The last number that the log accounts for."""
        return max(self.tail.last, 0)


def next_part(parts: Iterable[int], good: int) -> int:
    """The number of the part to go on in behind `parts`, the newest of which with a good line is `good`."""
    highest = max(parts)
    if highest < MAX_PART:
        return highest + 1
    # Somebody put a file there: no log grows so long.
    return next(number for number in count(good + 1) if number not in set(parts))


class PartFiles:
    """Every method raises OSError, and may be called again."""

    def __init__(self, disk: Disk, directory: Path, run: str) -> None:
        self._disk = disk
        self._directory = directory
        self._run = run
        self._plain: set[int] = set()
        self._compressed: set[int] = set()

    def find(self) -> list[int]:
        """The numbers of the parts that are there, plain or compressed, in order."""
        found = {True: set[int](), False: set[int]()}
        for run, part, is_compressed in filter(None, map(parse_part_name, self._disk.names(self._directory))):
            if run == self._run:
                found[is_compressed].add(part)
        self._plain, self._compressed = found[False], found[True]
        return sorted(found[True] | found[False])

    def is_compressed(self, part: int) -> bool:
        """Whether a part is there in its compressed form, perhaps beside the plain one: nothing is appended to it then."""
        return part in self._compressed

    def ending(
        self,
        parts: list[int],
        known_sizes: Mapping[int, int] = _UNKNOWN,
        most: int = MAX_SEQ,
        known: Before | None = None,
    ) -> Ending:
        """How the log ends that `find` found; what stands in a part behind its known size is not ours.

        No number greater than `most` was ever given out, and `known` is the last line that was acknowledged.
        """
        tails = []
        corrupt = ""
        for part in reversed(parts):
            tail = self._tail(part, known_sizes, most, known)
            tails.append(tail)
            corrupt = corrupt or (tail.corrupt and f"{log_name(self._run, part)} is damaged: {tail.corrupt}")
            if tail.last >= 0:
                return Ending(tail, part, tails[0], corrupt)
        return Ending(NOTHING_GOOD, 0, tails[0] if tails else NOTHING_GOOD, corrupt)

    def count_lost(self, ending: Ending) -> int:
        """How many numbers are in gaps, up to that ending: a part's opening line carries the sum of those before it."""
        lost = ending.tail.lost
        for part in sorted((each for each in self._plain | self._compressed if each <= ending.part), reverse=True):
            with self._reading(part) as (read_at, size):
                lost += count_lost(read_at, ending.tail.start if part == ending.part else size)
                # Nothing was lost before the first part, whatever an edited line says.
                opening = read_opening(read_at) if part > 1 else None
            if opening is not None:
                lost += opening.lost
                break
        # Whatever an edited line says.
        return min(max(lost, 0), ending.last)

    def _tail(self, part: int, known_sizes: Mapping[int, int], most: int, known: Before | None) -> Tail:
        try:
            before = self._before(part, known_sizes)
            with self._reading(part) as (read_at, size):
                return read_tail(read_at, min(size, known_sizes.get(part, size)), before, most, known)
        except BrokenError as error:
            return NOTHING_GOOD._replace(corrupt=str(error))
        except OSError as error:
            if error.errno in _NO_FILE:
                return NOTHING_GOOD._replace(corrupt="it is not a regular file")
            raise

    def _before(self, part: int, known_sizes: Mapping[int, int]) -> Before | None:
        """What the first line of a part must follow; None when that is not there."""
        if part == 1:
            return BEGINNING
        with self._reading(part) as (read_at, _):
            first = read_first(read_at)
        # It says itself what it goes on from, which need not be the last line before it.
        head = first.prev if first and first.continues else None
        if head == GENESIS:
            return BEGINNING
        before = sorted((each for each in self._plain | self._compressed if each < part), reverse=True)
        for earlier in before if head else before[:1]:
            # What is the matter with that one is not what is asked here.
            with contextlib.suppress(OSError, BrokenError), self._reading(earlier) as (read_at, size):
                end = min(size, known_sizes.get(earlier, size))
                found = find_line(read_at, end, head) if head else read_end(read_at, end)
                if found:
                    return found
        return None

    @contextlib.contextmanager
    def _reading(self, part: int) -> Iterator[tuple[ReadAt, int]]:
        is_plain = part in self._plain
        path = self._directory / (log_name(self._run, part) if is_plain else compressed_name(self._run, part))
        fd = self._disk.open(path)
        try:
            size = self._disk.stat(fd, path).st_size

            def read_at(length: int, offset: int) -> bytes:
                return self._disk.read(fd, length, offset, path)

            if is_plain:
                yield read_at, size
            else:
                inside = _Inside(lambda: (read_at(BLOCK, offset) for offset in range(0, size, BLOCK)))
                yield inside.read_at, inside.size
        finally:
            self._disk.close(fd, path)


class _Inside:
    """What is inside a compressed part, read from any place in little memory: decompressed anew for each step back."""

    def __init__(self, compressed_blocks: Callable[[], Iterable[bytes]]) -> None:
        self._compressed_blocks = compressed_blocks
        self._blocks: Iterator[bytes] = iter(())
        self._block, self._start = b"", 0
        self.size = sum(map(len, decompressed(compressed_blocks())))

    def read_at(self, length: int, offset: int) -> bytes:
        """Up to `length` bytes from `offset`. Raises BrokenError."""
        if offset < self._start or not self._block:
            self._blocks, self._block, self._start = decompressed(self._compressed_blocks()), b"", 0
        pieces = []
        end = min(offset + length, self.size)
        while True:
            pieces.append(self._block[max(offset - self._start, 0) : max(end - self._start, 0)])
            if self._start + len(self._block) >= end:
                return b"".join(pieces)
            self._start += len(self._block)
            self._block = next(self._blocks)
