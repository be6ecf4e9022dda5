"""A file system that hangs, fails or writes short when it is told to: `python -m tests.fault.commanded_fs BACKING MOUNTPOINT`.

It passes every call on to BACKING. Orders come as JSON lines on stdin and are answered with `{"done": …}`; what really
happened to a call of somebody else is told on stdout too, as `{"hung": operation, "path": …}` or `{"failed": …}`.
When stdin ends, so does it, and whoever hangs in it gets an error.
"""

import errno
import json
import os
import stat
import sys
import threading
from pathlib import Path
from typing import Any

import mfusepy

ATTRIBUTES = ("st_mode", "st_size", "st_uid", "st_gid", "st_nlink", "st_ino", "st_atime_ns", "st_mtime_ns", "st_ctime_ns")


class Orders:
    """What is to be done to which operation, and the telling of what was done."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._hanging: set[str] = set()
        self._failures: dict[str, list[int]] = {}
        self._short = 0

    def obey(self) -> None:
        """Take orders until there are no more."""
        for line in sys.stdin:
            name, *arguments = json.loads(line)
            with self._changed:
                getattr(self, name)(*arguments)
                self._changed.notify_all()
            tell(done=name)

    def hang(self, operation: str) -> None:
        self._hanging.add(operation)

    def release(self) -> None:
        self._hanging.clear()

    def fail(self, operation: str, code: int, times: int, after: int) -> None:
        """Let `operation` fail with `code`, `times` times (-1: until `mend`), after `after` calls that work."""
        self._failures[operation] = [code, times, after]

    def short(self, size: int) -> None:
        """Let every write of more than `size` bytes write so many; 0: all of it."""
        self._short = size

    def mend(self) -> None:
        self._failures.clear()
        self._short = 0

    def meet(self, operation: str, path: str) -> None:
        """What a call of `operation` meets. Raises OSError."""
        with self._changed:
            if operation in self._hanging:
                tell(hung=operation, path=path)
                self._changed.wait_for(lambda: operation not in self._hanging)
            failure = self._failures.get(operation)
            if failure is None:
                return
            code, times, after = failure
            if after:
                failure[2] -= 1
                return
            failure[1] -= 1
            if times == 1:
                del self._failures[operation]
        tell(failed=operation, path=path)
        raise OSError(code, os.strerror(code))

    def room(self, size: int) -> int:
        """How much of a write of `size` bytes is written."""
        if not self._short or size <= self._short:
            return size
        tell(short=self._short, path="")
        return self._short


class CommandedFs(mfusepy.Operations):  # type: ignore[misc]  # it comes without types
    use_ns = True

    def __init__(self, backing: Path, orders: Orders) -> None:
        self._backing = str(backing)
        self._meet = orders.meet
        self._room = orders.room

    def _at(self, path: str) -> str:
        return self._backing + path

    def init(self, path: str) -> None:
        tell(mounted=path, path=path)

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        self._meet("getattr", path)
        found = os.lstat(self._at(path)) if fh is None else os.fstat(fh)
        attributes = {name: getattr(found, name) for name in ATTRIBUTES}
        return {name.removesuffix("_ns"): value for name, value in attributes.items()}

    def readdir(self, path: str, _fh: int) -> list[str]:
        self._meet("readdir", path)
        return [".", "..", *os.listdir(self._at(path))]

    def readlink(self, path: str) -> str:
        return os.readlink(self._at(path))

    def mkdir(self, path: str, mode: int) -> None:
        self._meet("mkdir", path)
        os.mkdir(self._at(path), mode)

    def rmdir(self, path: str) -> None:
        os.rmdir(self._at(path))

    def unlink(self, path: str) -> None:
        self._meet("unlink", path)
        os.unlink(self._at(path))

    def create(self, path: str, mode: int, _fi: object = None) -> int:
        self._meet("create", path)
        return os.open(self._at(path), os.O_RDWR | os.O_CREAT | os.O_EXCL, stat.S_IMODE(mode))

    def open(self, path: str, _flags: int) -> int:
        self._meet("open", path)
        return os.open(self._at(path), os.O_RDWR)

    def release(self, _path: str, fh: int) -> None:
        os.close(fh)

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        self._meet("read", path)
        return os.pread(fh, size, offset)

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        self._meet("write", path)
        return os.pwrite(fh, data[: self._room(len(data))], offset)

    def truncate(self, path: str, length: int, fh: int | None = None) -> None:
        self._meet("truncate", path)
        os.truncate(self._at(path) if fh is None else fh, length)

    def fsync(self, path: str, _datasync: int, fh: int) -> None:
        self._meet("fsync", path)
        os.fsync(fh)

    def fsyncdir(self, path: str, _datasync: int, _fh: int) -> None:
        self._meet("fsyncdir", path)

    def chmod(self, path: str, mode: int) -> None:
        os.chmod(self._at(path), mode)


_telling = threading.Lock()


def tell(**fact: object) -> None:
    with _telling:
        sys.stdout.write(json.dumps(fact) + "\n")
        sys.stdout.flush()


def main() -> None:
    backing, mountpoint = (Path(argument).absolute() for argument in sys.argv[1:])
    orders = Orders()

    def obey_and_end() -> None:
        orders.obey()
        # Whatever is in progress: the kernel ends it with an error when the last descriptor of the connection is closed.
        os._exit(0)

    threading.Thread(target=obey_and_end, daemon=True).start()
    # Nothing is cached: each call of the process under test is a call here.
    mfusepy.FUSE(
        CommandedFs(backing, orders), str(mountpoint), foreground=True, attr_timeout=0, entry_timeout=0, negative_timeout=0,
        ac_attr_timeout=0, default_permissions=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
