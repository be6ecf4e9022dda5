"""A file system that hangs, fails or writes short when it is told to: `python -m tests.fault.commanded_fs BACKING MOUNTPOINT`.

It passes every call on to BACKING. Orders come as JSON lines on stdin and are answered with `{"done": …}`; what really
happened to a call of somebody else is told on stdout too, as `{"hung": operation, "path": …}`, `{"slowed": …}`,
`{"failed": …}`, and once it is to watch, `{"called": …}` for every call. When stdin ends, so does it, and whoever hangs
in it gets an error.
"""

import json
import os
import stat
import sys
import threading
from pathlib import Path
from typing import Any

import mfusepy  # type: ignore[import-untyped]  # it comes without types

ATTRIBUTES = ("mode", "size", "uid", "gid", "nlink", "ino", "atime_ns", "mtime_ns", "ctime_ns")


# In seconds, and longer than any test: one that got stuck in here itself must be able to fail.
LONGEST_HANG = 120.0


class Orders:
    """What is to be done to which operation, and the telling of what was done."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._hanging: dict[str, str] = {}
        self._delays: dict[str, float] = {}
        self._watching = False
        self._failures: dict[str, list[int]] = {}
        self._only: dict[str, str] = {}
        self._short = 0

    def obey(self) -> None:
        """Take orders until there are no more."""
        for line in sys.stdin:
            name, *arguments = json.loads(line)
            with self._changed:
                getattr(self, name)(*arguments)
                self._changed.notify_all()
            tell(done=name)

    def hang(self, operation: str, only: str = "") -> None:
        """Let every call of `operation` wait until `release`; with `only`, on paths that have that text in them."""
        self._hanging[operation] = only

    def release(self) -> None:
        self._hanging.clear()

    def slow(self, operation: str, seconds: float) -> None:
        """Let each call of `operation` take `seconds` more, until `mend`."""
        self._delays[operation] = seconds

    def watch(self) -> None:
        """Tell of every call from now on."""
        self._watching = True

    def fail(self, operation: str, code: int, times: int, after: int, only: str) -> None:
        """Let `operation` fail with `code`, `times` times (-1: until `mend`), after `after` calls that work.

        With `only`, on paths that have that text in them.
        """
        self._failures[operation] = [code, times, after]
        self._only[operation] = only

    def short(self, size: int) -> None:
        """Let every write of more than `size` bytes write so many; 0: all of it."""
        self._short = size

    def mend(self, operation: str) -> None:
        """Let everything work again; with `operation`, only that does not fail any more."""
        if operation:
            self._failures.pop(operation, None)
            return
        self._failures.clear()
        self._delays.clear()
        self._short = 0

    def meet(self, operation: str, path: str) -> None:
        """What a call of `operation` meets. Raises OSError."""
        with self._changed:
            if self._watching:
                tell(called=operation, path=path)
            if operation in self._delays:
                tell(slowed=operation, path=path)
                self._changed.wait_for(lambda: operation not in self._delays, self._delays[operation])
            if operation in self._hanging and self._hanging[operation] in path:
                tell(hung=operation, path=path)
                if not self._changed.wait_for(lambda: operation not in self._hanging, LONGEST_HANG):
                    end()
            failure = self._failures.get(operation)
            if failure is None or self._only[operation] not in path:
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


class CommandedFs(mfusepy.Operations):  # type: ignore[misc]  # as above
    use_ns = True

    def __init__(self, backing: Path, orders: Orders) -> None:
        self._backing = backing
        self._meet = orders.meet
        self._room = orders.room

    def _at(self, path: str) -> Path:
        return self._backing / path.lstrip("/")

    def init(self, path: str) -> None:
        tell(mounted=path, path=path)

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        self._meet("getattr", path)
        found = os.lstat(self._at(path)) if fh is None else os.fstat(fh)
        return {f"st_{name.removesuffix('_ns')}": getattr(found, f"st_{name}") for name in ATTRIBUTES}

    def readdir(self, path: str, _fh: int) -> list[str]:
        self._meet("readdir", path)
        return [".", "..", *(each.name for each in self._at(path).iterdir())]

    def readlink(self, path: str) -> str:
        return str(self._at(path).readlink())

    def mkdir(self, path: str, mode: int) -> None:
        self._meet("mkdir", path)
        self._at(path).mkdir(mode)

    def rename(self, old: str, new: str) -> None:
        self._meet("rename", new)
        self._at(old).replace(self._at(new))

    def rmdir(self, path: str) -> None:
        self._at(path).rmdir()

    def unlink(self, path: str) -> None:
        self._meet("unlink", path)
        self._at(path).unlink()

    def create(self, path: str, mode: int, _fi: object = None) -> int:
        self._meet("create", path)
        return os.open(self._at(path), os.O_RDWR | os.O_CREAT | os.O_EXCL, stat.S_IMODE(mode))

    def open(self, path: str, _flags: int) -> int:
        self._meet("open", path)
        return os.open(self._at(path), os.O_RDWR)

    def flush(self, path: str, _fh: int) -> None:
        """What a close of the caller's waits for; its `release` comes later, and nobody waits for it."""
        self._meet("flush", path)

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
        self._at(path).chmod(mode)


def end() -> None:
    """End whatever is in progress: the kernel gives an error to all who wait."""
    os._exit(0)


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
        end()

    threading.Thread(target=obey_and_end, daemon=True).start()
    # Nothing is cached: each call of the process under test is a call here.
    mfusepy.FUSE(
        CommandedFs(backing, orders), str(mountpoint), foreground=True, attr_timeout=0, entry_timeout=0, negative_timeout=0,
        ac_attr_timeout=0, default_permissions=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
