"""File layers under the log: one that writes down what is done to it, one that fails when it is told to."""

import errno
import os
from collections import defaultdict
from pathlib import Path

from sidecar.disk import Disk


class RecordingDisk(Disk):
    """`calls` holds `(operation, name)` in their order."""

    def __init__(self, calls: list[tuple[str, str]]) -> None:
        super().__init__()
        self.calls = calls
        self._held: set[int] = set()

    def die(self) -> None:
        """Let go of all files, as the end of a process does."""
        while self._held:
            os.close(self._held.pop())

    def create(self, path: Path) -> int:
        self.calls.append(("create", path.name))
        return super().create(path)

    def _open(self, path: Path, flags: int) -> int:
        fd = super()._open(path, flags)
        self._held.add(fd)
        return fd

    def close(self, fd: int, path: Path) -> None:
        self._held.discard(fd)
        super().close(fd, path)

    def write(self, fd: int, data: bytes, path: Path) -> None:
        super().write(fd, data, path)
        self.calls.append(("write", path.name))

    def truncate(self, fd: int, size: int, path: Path) -> None:
        super().truncate(fd, size, path)
        self.calls.append(("truncate", path.name))

    def fsync(self, fd: int, path: Path) -> None:
        super().fsync(fd, path)
        self.calls.append(("fsync", path.name))

    def fsync_directory(self, path: Path) -> None:
        super().fsync_directory(path)
        self.calls.append(("fsync directory", path.name))


class FaultyDisk(RecordingDisk):
    """Fails at the calls that `fail` has named, and works again afterwards."""

    def __init__(self) -> None:
        super().__init__([])
        self._plans: defaultdict[str, list[int]] = defaultdict(list)
        self.failures = 0
        self.room: int | None = None

    def fail(self, operation: str, code: int, *, times: int = 1, after: int = 0) -> None:
        """Let `operation` raise `code`, `times` times, after `after` calls that work; unless that is planned already."""
        self._plans[operation] = self._plans[operation] or [0] * after + [code] * times

    def fill(self, room: int | None) -> None:
        """Leave `room` bytes on the disk; None: as many as are wanted."""
        self.room = room

    def write(self, fd: int, data: bytes, path: Path) -> None:
        if self.room is None:
            super().write(fd, data, path)
            return
        taken, self.room = min(self.room, len(data)), max(self.room - len(data), 0)
        os.write(fd, data[:taken])
        if taken < len(data):
            self._break(errno.ENOSPC, path)

    def _meet(self, operation: str, path: Path) -> None:
        plan = self._plans[operation]
        if plan and (code := plan.pop(0)):
            self._break(code, path)

    def _break(self, code: int, path: Path) -> None:
        self.failures += 1
        raise OSError(code, os.strerror(code), str(path))

    def make_directories(self, path: Path) -> None:
        self._meet("mkdir", path)
        super().make_directories(path)

    def names(self, directory: Path) -> list[str]:
        self._meet("readdir", directory)
        return super().names(directory)

    def create(self, path: Path) -> int:
        self._meet("create", path)
        return super().create(path)

    def open(self, path: Path) -> int:
        self._meet("open", path)
        return super().open(path)

    def read(self, fd: int, size: int, offset: int, path: Path) -> bytes:
        self._meet("read", path)
        return super().read(fd, size, offset, path)

    def stat_path(self, path: Path) -> os.stat_result:
        self._meet("stat", path)
        return super().stat_path(path)

    def remove(self, path: Path) -> None:
        self._meet("unlink", path)
        super().remove(path)

    def truncate(self, fd: int, size: int, path: Path) -> None:
        self._meet("truncate", path)
        super().truncate(fd, size, path)

    def fsync(self, fd: int, path: Path) -> None:
        self._meet("fsync", path)
        super().fsync(fd, path)

    def fsync_directory(self, path: Path) -> None:
        self._meet("fsync directory", path)
        super().fsync_directory(path)
