"""A file system in memory whose power can be cut: what was not fsynced may then be gone.

- A file's bytes and size are durable after an fsync of the file, a name after an fsync of its directory; neither brings
  the other along.
- An fsync that fails marks the pages clean, as Linux does: readers go on seeing them, and no later fsync writes them.
- Each call is an operation with a number; the `fate` says which of them fail, and at which the process ends.
"""

import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sidecar.disk import System
from tests.fault.power_cut.nodes import (
    Directory,
    File,
    Link,
    Node,
    Truncate,
    Write,
    only_directory,
    only_file,
    os_error,
)
from tests.fault.power_cut.survival import Survival, Worst

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

# Descriptors that no real call would take for one of its own.
FIRST_DESCRIPTOR = 1_000_000
NOBODY = 65_534


class Fault(NamedTuple):
    """`share` of the call is done (of a write: of its bytes), then it fails with `code`, or the process `ends`."""

    share: float = 1.0
    code: int = 0
    ends: bool = False

    def __str__(self) -> str:
        if self.code:
            return f": {errno.errorcode[self.code]}"
        if self.ends:
            return f": the process ends {'within' if 0 < self.share < 1 else 'behind' if self.share else 'before'}"
        return "" if self.share == 1 else f": only {self.share:.0%}"


WORKS = Fault()
Fate = Callable[[int, str], Fault]


class ProcessEndedError(BaseException):
    """The process that made the call is no more. Not an Exception: nobody goes on by catching those."""


class ForgetfulSystem(System):
    """`fate` is asked for the fault of each operation, by its number and name; `tell` hears what was called.

    `operations` counts the calls; `survival` draws what becomes of what was not fsynced. At the start `home` is there,
    which belongs to the user `uid`.
    """

    def __init__(self, home: Path, uid: int, fate: Fate, survival: Survival, tell: Callable[[str], None]) -> None:
        self.operations = 0
        self._fate = fate
        self.survival = survival
        self._tell = tell
        self._nodes = 0
        self._descriptors = FIRST_DESCRIPTOR
        self._open: dict[object, tuple[Node, str]] = {}
        self._locks: dict[int, object] = {}
        self._has_ended = False
        self._root = self._new_directory(NOBODY)
        directory = self._root
        for name in home.parts[1:]:
            child = self._new_directory(uid if name == home.name else NOBODY)
            directory.do(Link(name, child))
            directory.settle()
            directory = child

    # What becomes of it.

    def end_process(self) -> None:
        """The process is gone with its descriptors and locks; what it wrote stays in the page cache."""
        self._open.clear()
        self._locks.clear()
        self._has_ended = False

    def cut_power(self, survival: Worst | None = None) -> None:
        """The machine is gone too, and what `survival` leaves is on the disk."""
        self.end_process()
        self._forget(self._root, "/", survival or self.survival)

    @property
    def is_settled(self) -> bool:
        """Whether a power cut would change nothing."""
        return self._root.is_settled

    def files(self, directory: Path) -> dict[str, bytes]:
        """What a reader finds in `directory`, nothing if it is not there."""
        try:
            names = only_directory(self._find(directory), directory).names
        except FileNotFoundError:
            return {}
        return {name: bytes(node.data) for name, node in names.items() if isinstance(node, File)}

    def _forget(self, directory: Directory, name: str, survival: Worst) -> None:
        if became := survival.cut_directory(directory):
            self._tell(f"     {name}: {became}")
        for child, node in directory.names.items():
            if isinstance(node, Directory):
                self._forget(node, child, survival)
            elif became := survival.cut_file(node):
                self._tell(f"     {child}: {became}")

    # The calls.

    def open(self, path: object, flags: int, mode: int = 0o777, **_: object) -> int:
        creates = bool(flags & os.O_CREAT)
        with self._calling("create" if creates else "open", path):
            node = self._create(path, mode) if creates else self._find(path)
            (only_directory if flags & os.O_DIRECTORY else only_file)(node, path)
            self._descriptors += 1
            self._open[self._descriptors] = node, _name(path)
        return self._descriptors

    def close(self, fd: object) -> None:
        with self._calling("close", fd):
            node, _ = self._open.pop(fd)
            if self._locks.get(node.number) == fd:
                del self._locks[node.number]

    def read(self, fd: object, length: int, offset: int) -> bytes:
        with self._calling("read", fd, f" {length} at {offset}"):
            return bytes(self._file(fd).data[offset : offset + length])

    def write(self, fd: object, data: "ReadableBuffer") -> int:
        return self.pwrite(fd, data, len(self._file(fd).data))

    def pwrite(self, fd: object, data: "ReadableBuffer", offset: int) -> int:
        file, whole = self._file(fd), bytes(data)
        with self._calling("write", fd, f" {len(whole)} at {offset}") as fault:
            taken = whole[: round(fault.share * len(whole))]
            file.do(Write(offset, taken))
        return len(taken)

    def truncate(self, fd: object, length: int) -> None:
        with self._calling("truncate", fd, f" to {length}"):
            self._file(fd).do(Truncate(length))

    def fsync(self, fd: object) -> None:
        with self._calling("fsync", fd) as fault:
            node, _ = self._opened(fd)
            if not fault.code:
                node.settle()
            elif isinstance(node, File):
                self.survival.give_up(node)

    def fstat(self, fd: object) -> os.stat_result:
        with self._calling("fstat", fd):
            return self._opened(fd)[0].status()

    def lstat(self, path: object, **_: object) -> os.stat_result:
        with self._calling("lstat", path):
            return self._find(path).status()

    def stat(self, path: object, **_: object) -> os.stat_result:
        with self._calling("stat", path):
            return self._find(path).status()

    def mkdir(self, path: object, mode: int = 0o777, **_: object) -> None:
        with self._calling("mkdir", path):
            self._put(path, self._new_directory(os.geteuid(), mode))

    def listdir(self, path: object = ".") -> list[str]:
        with self._calling("listdir", path):
            return list(only_directory(self._find(path), path).names)

    def unlink(self, path: object, **_: object) -> None:
        with self._calling("unlink", path):
            only_file(self._find(path), path)
            self._parent(path).do(Link(_name(path), None))

    def lock(self, fd: object, operation: int) -> None:
        with self._calling("lock", fd):
            assert operation == fcntl.LOCK_EX | fcntl.LOCK_NB
            node, name = self._opened(fd)
            if self._locks.setdefault(node.number, fd) != fd:
                raise os_error(errno.EAGAIN, name)

    # Beneath.

    @contextmanager
    def _calling(self, operation: str, what: object, detail: str = "") -> Iterator[Fault]:
        if self._has_ended:
            raise ProcessEndedError
        self.operations += 1
        fault = self._fate(self.operations, operation)
        name = self._open[what][1] if what in self._open else _name(what)
        self._tell(f"{self.operations:4} {operation} {name}{detail}{fault}")
        try:
            if fault.share:
                yield fault
        finally:
            if fault.ends:
                self._has_ended = True
                raise ProcessEndedError
        if fault.code:
            raise OSError(fault.code, os.strerror(fault.code))

    def _new_directory(self, uid: int, mode: int = 0o755) -> Directory:
        self._nodes += 1
        return Directory(self._nodes, mode, uid)

    def _create(self, path: object, mode: int) -> File:
        self._nodes += 1
        file = File(self._nodes, mode)
        self._put(path, file)
        return file

    def _put(self, path: object, node: Node) -> None:
        parent, name = self._parent(path), _name(path)
        if name in parent.names:
            raise os_error(errno.EEXIST, path)
        parent.do(Link(name, node))

    def _opened(self, fd: object) -> tuple[Node, str]:
        if fd not in self._open:
            raise os_error(errno.EBADF, fd)
        return self._open[fd]

    def _file(self, fd: object) -> File:
        return only_file(*self._opened(fd))

    def _find(self, path: object) -> Node:
        node: Node = self._root
        for name in str(path).split("/")[1:]:
            names = only_directory(node, path).names
            if name not in names:
                raise os_error(errno.ENOENT, path)
            node = names[name]
        return node

    def _parent(self, path: object) -> Directory:
        return only_directory(self._find(str(path).rpartition("/")[0]), path)


def _name(path: object) -> str:
    return str(path).rpartition("/")[2]
