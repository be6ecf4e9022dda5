"""The log of one run on disk: one writer, one chain, over one or more parts.

- Memory moves only after fsync: `size`, `head` and `last` describe what is durable, so a failed append is simply
  made again, after cutting off whatever of it got into the file.
- A file that is not as it was left is evidence: it stays untouched, and the log goes on in the next part.
- Nothing of a run is acknowledged before its tail was fsynced here: a line in the page cache is not yet durable.
"""

import contextlib
import stat
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from shared.chain import GENESIS, seal
from shared.naming import log_name
from shared.wire import MAX_SEQ, MISSING
from sidecar import records
from sidecar.admission import NOTHING, Gap
from sidecar.disk import Disk
from sidecar.limits import PART_BYTES
from sidecar.log_chain import Before
from sidecar.log_tail import WINDOW, read_tail
from sidecar.part_files import PartFiles, next_part
from sidecar.records import Owner

_DELETED = "was deleted"


class News(NamedTuple):
    """What somebody should know of a log: `damage` was done to it, or a crash left a trace that was mended."""

    text: str
    damage: bool


class RunLog:
    """The log of `run`. `now` gives microseconds since 1970 for the lines written here.

    `path` is that of `part`, which is being written; `last` is the last number accounted for on disk, `lost` how many of
    them are in gaps, `head` the hash of the last line.
    `tell` hears what was found and done, once it is recorded and durable.
    """

    def __init__(
        self,
        disk: Disk,
        directory: Path,
        run: str,
        owner: Owner,
        now: Callable[[], int],
        part_bytes: int = PART_BYTES,
        tell: Callable[[News], None] = lambda _: None,
    ) -> None:
        self.run = run
        self._disk = disk
        self._directory = directory
        self._files = PartFiles(disk, directory, run)
        self._owner = owner
        self._now = now
        self._part_bytes = part_bytes
        self._tell = tell
        self._name_part(1)
        self.last = 0
        self.lost = 0
        self.head = GENESIS
        self.size = 0
        # Whether there was a log of this run already.
        self.was_taken_up = False
        self._fd = -1
        self._inode = 0
        self._created = False
        # Bytes behind `size` are of our own unfinished append, or torn; they are cut before the next one.
        self._dirty = False
        self._continues = ""
        # Lines to write before the next ones, and what they declare to be missing from the parts before.
        self._notes: list[bytes] = []
        self._missing = NOTHING
        # Made once: an append that is made again must write the same bytes, or pages of both could make up a line.
        self._opening = b""
        # Torn bytes that are to be cut; and what is to be recorded as cut, perhaps by a take-up that then failed.
        self._torn = 0
        self._repaired = 0
        # What was tried last and may be in the file behind `size`; and how large the parts are that were left behind.
        self._tried = b""
        self._sizes: dict[int, int] = {}

    def recover(self, most: int = MAX_SEQ, known: Before | None = None) -> None:
        """Take up the log where its files end, or begin it; what is in it is durable when this returns.

        The run gave out no number greater than `most`: what says so is not its own. `known` is the last line of which
        it was told that it is durable.
        """
        self.close()
        self._disk.make_directories(self._directory)
        parts = self._files.find()
        if parts:
            self.was_taken_up = True
            self._take_up(parts, most, known)
        else:
            self._begin(1, 0, GENESIS)
        if self.size == 0 or self._notes:
            self.append([], self.last)
        else:
            self._disk.fsync(self._fd, self.path)
        self._disk.fsync_directory(self._directory)

    def append(self, bodies: list[bytes], last: int, lost: int = 0) -> bytes:
        """Write, chain and fsync `bodies`, which account for everything through `last`, `lost` of it in gaps.

        Returns the lines written. Raises OSError; what is durable has not changed then, and the same call may be made again.
        """
        try:
            self._ready_file()
            is_new = self.size == 0
            lines, head = seal(self.head, [*([self._opening_line()] if is_new else []), *self._notes, *bodies])
            self._dirty, self._tried = True, lines
            self._disk.write(self._fd, lines, self.path)
            self._disk.fsync(self._fd, self.path)
            if is_new:
                self._disk.fsync_directory(self._directory)
        except OSError:
            self.close()
            raise
        self.size += len(lines)
        self.head, self.last = head, max(last, self.last, self._missing.last)
        self.lost += lost + self._missing.events
        self._tell_news(is_new=is_new)
        self._dirty, self._tried, self._notes, self._missing = False, b"", [], NOTHING
        return lines

    def _tell_news(self, *, is_new: bool) -> None:
        if is_new and self._continues:
            left = "" if self._continues.endswith(_DELETED) else "it is left as it is, and "
            text = f"Log {self._continues}; {left}the log goes on in {self.path.name}"
            if self._missing.events:
                text += f"; {records.describe_gap(self._missing, MISSING)}"
            self._tell(News(text, damage=True))
        if self._repaired:
            self._tell(News(f"Log {self.path.name}: cut a torn last line of {self._repaired} bytes", damage=False))
            self._torn = self._repaired = 0

    def close(self) -> None:
        """Let go of the file."""
        if self._fd >= 0:
            fd, self._fd, self._inode = self._fd, -1, 0
            # What a close can still report is a failed write, and every write was fsynced or is made again.
            with contextlib.suppress(OSError):
                self._disk.close(fd, self.path)

    def _begin(self, part: int, last: int, head: str, continues: str = "") -> None:
        """From here on in `part`, a new file."""
        self.close()
        self._name_part(part)
        self.last, self.head, self.size = last, head, 0
        self._continues = continues
        self._created, self._dirty, self._notes, self._missing = False, False, [], NOTHING
        self._opening, self._torn, self._tried = b"", 0, b""

    def _name_part(self, part: int) -> None:
        self.part = part
        # Made once: it is needed several times for each append.
        self.path = self._directory / log_name(self.run, part)

    def _ready_file(self) -> None:
        if self._created and (reason := self._tampered()):
            self._go_on_elsewhere(reason)
        if self.size >= self._part_bytes and not self._notes:
            self._sizes[self.part] = self.size
            self._begin(self.part + 1, self.last, self.head)
        if not self._created:
            self._disk.make_directories(self._directory)
            part, self._fd, in_the_way = self._create(self.part)
            self._name_part(part)
            self._created = True
            if in_the_way:
                self._continues = self._continues or f"{in_the_way} stood there already"
        if self._fd < 0:
            self._fd = self._disk.open(self.path)
        if self._dirty:
            self._disk.truncate(self._fd, self.size, self.path)
            # Or a power cut may mix what was cut with what is written in its place.
            self._disk.fsync(self._fd, self.path)

    def _create(self, part: int) -> tuple[int, int, str]:
        """Create the first part from `part` on whose place is free: its number, its descriptor, what was in the way last."""
        in_the_way = ""
        while True:
            path = self._directory / log_name(self.run, part)
            try:
                return part, self._disk.create(path), in_the_way
            except FileExistsError:
                found = self._disk.stat_path(path)
                if stat.S_ISREG(found.st_mode) and found.st_size == 0:
                    # Made by us, before what comes behind the making failed.
                    return part, self._disk.open(path), in_the_way
                # Somebody put a file where a part belongs; it is left alone.
                in_the_way, part = path.name, part + 1

    def _tampered(self) -> str:
        """What happened to the file since the last append, empty if nothing did."""
        try:
            found = self._disk.stat_path(self.path)
        except FileNotFoundError:
            return _DELETED
        if not stat.S_ISREG(found.st_mode):
            return "is no longer a file"
        if found.st_size < self.size:
            return "was cut"
        if self._fd < 0:
            self._fd = self._disk.open(self.path)
            same = self.size == 0 or read_tail(self._read, self.size).head == self.head
        else:
            # Asked once: no other file is given its number while it is open.
            self._inode = self._inode or self._disk.stat(self._fd, self.path).st_ino
            same = found.st_ino == self._inode
        if same and not self._is_ours_behind(found.st_size - self.size):
            return "was appended to by someone else"
        return "" if same else "was replaced"

    def _is_ours_behind(self, surplus: int) -> bool:
        """Whether the last bytes of the file, behind what is durable, are what we tried to write, or a torn line."""
        if not self._dirty:
            return surplus == 0
        return surplus == self._torn or self._tried.startswith(self._read(surplus, self.size))

    def _go_on_elsewhere(self, reason: str) -> None:
        """Leave the file as it is; declare what had been acknowledged and is gone from it."""
        self.close()
        self._disk.make_directories(self._directory)
        name, known_head = self.path.name, self.head
        # With what this part was still to declare missing, when it too was taken away before it could.
        known_last = max(self.last, self._missing.last)
        parts = self._files.find()
        left = self._files.ending(parts, {**self._sizes, self.part: self.size})
        last = min(left.last, known_last)
        # A last line that has our number and not our hash was edited: the chain goes on from what we wrote.
        ours = last == known_last or self.part not in parts or not left.part
        missing = Gap(last + 1, known_last)
        lost = self._files.count_lost(left) if missing.events else self.lost
        if left.part and not self._files.is_compressed(left.part):
            self._fsync_part(left.part)
        # A part that never held anything durable need not be there.
        taken = self.part if self.size else self.part - 1
        # Before anything is given up: a disk that was only away for a while comes back with the file as it was.
        part, fd, _ = self._create(next_part([taken, *parts], left.part))
        self._sizes[self.part] = self.size
        self._begin(part, last, known_head if ours else left.tail.head, f"{name} {reason}")
        self._fd, self._created, self.lost = fd, True, lost
        if missing.events:
            self._missing = missing
            self._notes.append(records.gap(self._now(), missing, MISSING))

    def _take_up(self, parts: list[int], most: int, known: Before | None) -> None:
        found, newest = self._files.ending(parts, most=most, known=known), parts[-1]
        if found.newest.corrupt:
            self._begin(next_part(parts, found.part), found.last, found.tail.head, found.corrupt)
        elif self._files.is_compressed(newest):
            self._begin(next_part(parts, found.part), found.last, found.tail.head)
        elif found.part == newest:
            self._begin(newest, found.last, found.tail.head)
            self.size, self._created = found.tail.size, True
        else:
            # Created, and a crash came before its first line was whole: the parts before it are the truth.
            self._begin(newest, found.last, found.tail.head, found.corrupt)
            self._created = True
        self.lost = self._files.count_lost(found)
        if self._created:
            self._fd = self._disk.open(self.path)
            self._torn = found.newest.torn
            self._write_tail_again()
        elif found.part and not self._files.is_compressed(found.part):
            self._fsync_part(found.part)
        self._repaired = self._repaired or self._torn
        if self._repaired:
            self._dirty = True
            self._notes.append(records.repair(self._now(), self._repaired, self.last))

    def _write_tail_again(self) -> None:
        start = max(self.size - WINDOW, 0)
        self._disk.rewrite(self._fd, self._read(self.size - start, start), start, self.path)

    def _fsync_part(self, part: int) -> None:
        """Make durable what is acknowledged of a part that is left as it is."""
        path = self._directory / log_name(self.run, part)
        fd = self._disk.open(path)
        try:
            self._disk.fsync(fd, path)
        finally:
            self._disk.close(fd, path)

    def _opening_line(self) -> bytes:
        self._opening = self._opening or records.opening(
            self._now(), self.run, self._owner, self.part, self.lost, self.last, continues=self._continues
        )
        return self._opening

    def _read(self, size: int, offset: int) -> bytes:
        return self._disk.read(self._fd, size, offset, self.path)
