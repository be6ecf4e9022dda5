"""The only door to the file system. Each call says what is in progress, so that a hung one can be told by name.

Every method raises OSError and nothing else; retrying is the writer's business.
"""

import contextlib
import errno
import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple


class Call(NamedTuple):
    """A file-system call in progress; `started` is monotonic seconds."""

    operation: str
    path: str
    started: float


class Disk:
    """The real file system. `call` is read by the main thread while the writer thread is in it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.call: Call | None = None
        # Directories with a new name in them that is not yet durable; one whose fsync failed stays here.
        self._unsynced: list[Path] = []
        self._clock = clock

    def make_directories(self, path: Path) -> None:
        """Make `path` and its parents, 0700, each durable in its parent."""
        with self._calling("mkdir", path):
            missing = [each for each in (path, *path.parents) if not each.exists()]
            for each in reversed(missing):
                each.mkdir(mode=0o700, exist_ok=True)
                self._unsynced.append(each.parent)
            while self._unsynced:
                self._fsync_directory(self._unsynced[0])
                self._unsynced.pop(0)
            if not path.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, "Not a directory", str(path))

    def names(self, directory: Path) -> list[str]:
        """Names in `directory`."""
        with self._calling("readdir", directory):
            return [entry.name for entry in directory.iterdir()]

    def create(self, path: Path) -> int:
        """Make a new file, 0600, for appending by this process alone; FileExistsError when there is one."""
        return self._open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL)

    def open(self, path: Path) -> int:
        """Open a file for appending by this process alone. A symbolic link is refused."""
        return self._open(path, os.O_RDWR)

    def close(self, fd: int, path: Path) -> None:
        """Close; some file systems report an earlier failure only here."""
        with self._calling("close", path):
            os.close(fd)

    def write(self, fd: int, data: bytes, path: Path) -> None:
        """Write all of `data` at the end."""
        with self._calling("write", path):
            view = memoryview(data)
            while view:
                view = view[os.write(fd, view) :]

    def fsync(self, fd: int, path: Path) -> None:
        """Wait until the file's bytes are durable."""
        with self._calling("fsync", path):
            os.fsync(fd)

    def fsync_directory(self, path: Path) -> None:
        """Wait until the names in `path` are durable."""
        with self._calling("fsync", path):
            self._fsync_directory(path)

    def truncate(self, fd: int, size: int, path: Path) -> None:
        """Cut the file to `size` bytes."""
        with self._calling("truncate", path):
            os.ftruncate(fd, size)

    def stat(self, fd: int, path: Path) -> os.stat_result:
        """What the open file is now."""
        with self._calling("getattr", path):
            return os.fstat(fd)

    def stat_path(self, path: Path) -> os.stat_result:
        """What stands at `path` now; a symbolic link is not followed."""
        with self._calling("getattr", path):
            return path.lstat()

    def read(self, fd: int, size: int, offset: int, path: Path) -> bytes:
        """Up to `size` bytes from `offset`."""
        with self._calling("read", path):
            return os.pread(fd, size, offset)

    def _open(self, path: Path, flags: int) -> int:
        with self._calling("open", path):
            fd = os.open(path, flags | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
            try:
                _claim(fd, path)
            except OSError:
                os.close(fd)
                raise
            return fd

    def _fsync_directory(self, path: Path) -> None:
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    @contextlib.contextmanager
    def _calling(self, operation: str, path: Path) -> Iterator[None]:
        self.call = Call(operation, str(path), self._clock())
        try:
            yield
        except OSError as error:
            # Calls on an open file do not name it, and the operator needs to know which.
            error.filename = error.filename or str(path)
            raise
        finally:
            self.call = None


def _claim(fd: int, path: Path) -> None:
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        raise OSError(errno.EINVAL, "Not a regular file", str(path))
    try:
        # A second writer, of another run directory say, must not get at the same log.
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise BlockingIOError(error.errno, "Another process writes this file", str(path)) from error
