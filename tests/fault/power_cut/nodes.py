"""Files and directories in memory: what readers see, what is durable, and what was done in between, in its order."""

import errno
import os
import stat
from collections.abc import Iterator
from typing import NamedTuple

BLOCK = 4096


class Write(NamedTuple):
    """`data` was put at `offset`."""

    offset: int
    data: bytes

    def size_behind(self, size: int) -> int:
        """The size of the file when it was `size` before."""
        return max(size, self.offset + len(self.data))

    def apply(self, content: bytearray) -> None:
        put(content, self.offset, self.data)

    def pages(self, size: int) -> Iterator["Write"]:
        """The same in pages of `size` bytes."""
        at, end = self.offset, self.offset + len(self.data)
        while at < end:
            stop = min((at // size + 1) * size, end)
            yield Write(at, self.data[at - self.offset : stop - self.offset])
            at = stop


class Truncate(NamedTuple):
    """The file was cut to `size`."""

    size: int

    def size_behind(self, _size: int) -> int:
        return self.size

    def apply(self, content: bytearray) -> None:
        del content[self.size :]
        content.extend(bytes(self.size - len(content)))


class File:
    """`data` is what readers see, `durable` what is on the disk; `pending` was done since the last fsync."""

    def __init__(self, number: int, mode: int) -> None:
        self.number = number
        self.mode = stat.S_IFREG | mode
        self.data = bytearray()
        self.durable = bytearray()
        self.pending: list[Write | Truncate] = []

    def do(self, operation: Write | Truncate) -> None:
        operation.apply(self.data)
        self.pending.append(operation)

    def settle(self) -> None:
        """An fsync that succeeds. What an earlier one failed to write is not pending any more."""
        for operation in self.pending:
            operation.apply(self.durable)
        Truncate(len(self.data)).apply(self.durable)
        self.pending = []

    @property
    def is_settled(self) -> bool:
        """Whether everything that readers see is durable."""
        return not self.pending and self.data == self.durable

    def status(self) -> os.stat_result:
        return _status(self.mode, self.number, os.geteuid(), len(self.data))


class Directory:
    """`names` is what readers see, `durable` what is on the disk; `pending` was done since the last fsync."""

    def __init__(self, number: int, mode: int, uid: int) -> None:
        self.number = number
        self.mode = stat.S_IFDIR | mode
        self.uid = uid
        self.names: dict[str, Node] = {}
        self.durable: dict[str, Node] = {}
        self.pending: list[Link] = []

    def do(self, operation: "Link") -> None:
        operation.apply(self.names)
        self.pending.append(operation)

    def settle(self) -> None:
        """An fsync that succeeds."""
        self.durable = dict(self.names)
        self.pending = []

    @property
    def is_settled(self) -> bool:
        """Whether everything that readers see in here is durable."""
        return not self.pending and all(node.is_settled for node in self.names.values())

    def status(self) -> os.stat_result:
        return _status(self.mode, self.number, self.uid, BLOCK)


Node = File | Directory


class Link(NamedTuple):
    """From here on `name` stood for `node`, or for nothing."""

    name: str
    node: Node | None

    def apply(self, names: dict[str, Node]) -> None:
        if self.node is None:
            names.pop(self.name, None)
        else:
            names[self.name] = self.node


def put(content: bytearray, offset: int, data: bytes) -> None:
    """Write `data` at `offset`, behind zeros if the content ends before."""
    content.extend(bytes(max(offset - len(content), 0)))
    content[offset : offset + len(data)] = data


def os_error(code: int, what: object) -> OSError:
    return OSError(code, os.strerror(code), str(what))


def only_file(node: Node, what: object) -> File:
    if isinstance(node, Directory):
        raise os_error(errno.EISDIR, what)
    return node


def only_directory(node: Node, what: object) -> Directory:
    if isinstance(node, File):
        raise os_error(errno.ENOTDIR, what)
    return node


def _status(mode: int, number: int, uid: int, size: int) -> os.stat_result:
    return os.stat_result((mode, number, 1, 1, uid, uid, size, 0, 0, 0))
