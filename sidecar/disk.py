"""The only door to the file system. Each call says what is in progress, so that a hung one can be told by name.

Every method raises OSError and nothing else; retrying is the writer's business.
"""

import errno
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from sidecar import portable

# What a file system answers that cannot fsync a directory at all (CIFS, say): nothing better is to be had there.
_NO_DIRECTORY_FSYNC = {errno.EINVAL, errno.EBADF}
# What one answers that has no locks. Two sidecars of one run directory are kept apart by its own lock.
_NO_LOCKS = {errno.ENOSYS, errno.EOPNOTSUPP}


class Call(NamedTuple):
    """A file-system call in progress; `started` is monotonic seconds."""

    operation: str
    path: str
    started: float


class System:
    """The system calls that reach the disk. Handed in, so that a test can cut its power between any two of them."""

    open = staticmethod(os.open)
    close = staticmethod(os.close)
    read = staticmethod(portable.pread)
    write = staticmethod(os.write)
    pwrite = staticmethod(portable.pwrite)
    truncate = staticmethod(os.ftruncate)
    fsync = staticmethod(os.fsync)
    fstat = staticmethod(os.fstat)
    lstat = staticmethod(os.lstat)
    stat = staticmethod(os.stat)
    mkdir = staticmethod(os.mkdir)
    listdir = staticmethod(os.listdir)
    unlink = staticmethod(os.unlink)
    lock = staticmethod(portable.lock)


class Disk:
    """The real file system. `call` is read by the main thread while the writer thread is in it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, system: System | None = None) -> None:
        self.call: Call | None = None
        self._clock = clock
        self._system = system or System()
        # Directories with a name in them that may not be durable; one whose fsync failed stays here.
        self._unsynced: list[Path] = []
        self._checked: set[Path] = set()

    def make_directories(self, path: Path) -> None:
        """Make `path` and its parents, 0700; when this returns, each is durable in its parent."""
        missing: list[Path] = []
        for each in (path, *path.parents):
            if self._is_directory(each):
                break
            missing.append(each)
        for each in reversed(missing):
            self._make_directory(each)
            self._unsynced.append(each.parent)
        if path not in self._checked:
            # Whoever made these may have died before its fsync.
            self._fsync_parents(path)
            self._checked.add(path)
        while self._unsynced:
            self.fsync_directory(self._unsynced[0])
            self._unsynced.pop(0)

    def names(self, directory: Path) -> list[str]:
        """Names in `directory`."""
        with self._calling("readdir", directory):
            return self._system.listdir(directory)

    def stat_directory(self, directory: Path) -> os.stat_result:
        """What `directory` is, or the symbolic link there leads to."""
        with self._calling("getattr", directory):
            return self._system.stat(directory)

    def create(self, path: Path) -> int:
        """Make a new file, 0600, for appending by this process alone; FileExistsError when there is one."""
        return self._open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL)

    def open(self, path: Path) -> int:
        """Open a file for appending by this process alone. A symbolic link is refused."""
        return self._open(path, os.O_RDWR)

    def close(self, fd: int, path: Path) -> None:
        """Close; some file systems report an earlier failure only here."""
        with self._calling("close", path):
            self._system.close(fd)

    def write(self, fd: int, data: bytes, path: Path) -> None:
        """Write all of `data` at the end."""
        with self._calling("write", path):
            view = memoryview(data)
            while view:
                view = view[self._system.write(fd, view) :]

    def rewrite(self, fd: int, data: bytes, offset: int, path: Path) -> None:
        """Write `data` again over the same bytes at `offset`.

        After an fsync that failed, Linux takes the pages for clean: another one succeeds and writes nothing. What is found
        in the page cache may be of that kind, when whoever met the failure was killed.
        """
        with self._calling("write", path):
            # Linux appends to a descriptor that has O_APPEND, whatever the offset.
            anew = self._system.open(path, os.O_WRONLY | portable.SAFELY)
            try:
                if self._system.fstat(anew).st_ino != self._system.fstat(fd).st_ino:
                    raise OSError(errno.ESTALE, "The file was replaced", str(path))
                done = 0
                while done < len(data):
                    done += self._system.pwrite(anew, data[done:], offset + done)
            finally:
                self._system.close(anew)

    def fsync(self, fd: int, path: Path) -> None:
        """Wait until the file's bytes are durable."""
        with self._calling("fsync", path):
            self._system.fsync(fd)

    def fsync_directory(self, path: Path) -> None:
        """Wait until the names in `path` are durable."""
        if not portable.DIRECTORY:
            return
        with self._calling("fsync", path):
            fd = self._system.open(path, os.O_RDONLY | portable.DIRECTORY)
            try:
                self._system.fsync(fd)
            except OSError as error:
                if error.errno not in _NO_DIRECTORY_FSYNC:
                    raise
            finally:
                self._system.close(fd)

    def truncate(self, fd: int, size: int, path: Path) -> None:
        """Cut the file to `size` bytes."""
        with self._calling("truncate", path):
            self._system.truncate(fd, size)

    def stat(self, fd: int, path: Path) -> os.stat_result:
        """What the open file is now."""
        with self._calling("getattr", path):
            return self._system.fstat(fd)

    def stat_path(self, path: Path) -> os.stat_result:
        """What stands at `path` now; a symbolic link is not followed."""
        with self._calling("getattr", path):
            return self._system.lstat(path)

    def read(self, fd: int, size: int, offset: int, path: Path) -> bytes:
        """Up to `size` bytes from `offset`."""
        with self._calling("read", path):
            return self._system.read(fd, size, offset)

    def remove(self, path: Path) -> None:
        """Remove a file; durable after an fsync of its directory."""
        with self._calling("unlink", path):
            self._system.unlink(path)

    def _open(self, path: Path, flags: int) -> int:
        with self._calling("open", path):
            fd = self._system.open(path, flags | os.O_APPEND | portable.SAFELY, 0o600)
            try:
                self._claim(fd, path)
            except OSError:
                self._system.close(fd)
                raise
            return fd

    def _claim(self, fd: int, path: Path) -> None:
        if not stat.S_ISREG(self._system.fstat(fd).st_mode):
            raise OSError(errno.EINVAL, "Not a regular file", str(path))
        try:
            # A second writer, of another run directory say, must not get at the same log.
            self._system.lock(fd, portable.EXCLUSIVE_NOW)
        except BlockingIOError as error:
            raise BlockingIOError(error.errno, "Another process writes this file", str(path)) from error
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise

    def _is_directory(self, path: Path) -> bool:
        with self._calling("getattr", path):
            try:
                return stat.S_ISDIR(self._system.stat(path).st_mode)
            except (FileNotFoundError, NotADirectoryError):
                # It is to be made, and making it says what is in the way.
                return False

    def _make_directory(self, path: Path) -> None:
        with self._calling("mkdir", path):
            try:
                self._system.mkdir(path, 0o700)
            except FileExistsError:
                # Somebody was faster, or something else stands there.
                if not self._is_directory(path):
                    raise

    def _fsync_parents(self, path: Path) -> None:
        """Make `path` and the directories above it durable, up to the first in one that is not this user's."""
        for each in path.parents:
            with self._calling("getattr", each):
                is_ours = portable.is_own(self._system.stat(each))
            try:
                self.fsync_directory(each)
            except PermissionError:
                # One may write into somebody else's directory and yet not read it; nothing better is to be had.
                if is_ours:
                    raise
            if not is_ours:
                return

    def _calling(self, operation: str, path: Path) -> "_Calling":
        return _Calling(self, Call(operation, str(path), self._clock()))


class _Calling:
    """Has `disk` say what call it is in, for as long as that takes. By hand, for each event: contextlib takes five times as long."""

    __slots__ = ("_call", "_disk")

    def __init__(self, disk: Disk, call: Call) -> None:
        self._disk = disk
        self._call = call

    def __enter__(self) -> None:
        self._disk.call = self._call

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._disk.call = None
        if isinstance(error, OSError):
            # Calls on an open file do not name it, and the operator needs to know which.
            error.filename = error.filename or self._call.path
