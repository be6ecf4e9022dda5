"""Puts the compressed form of a part in the place of the plain one.

- Nothing is removed before what replaces it was made durable, read back and compared.
- A file that is there under the compressed part's name is never overwritten.

If the process dies, what is there is:

| when | what is there |
|---|---|
| while the compressed file is written | the plain part, and a temporary file that the next `compress` replaces |
| after it got its name | both forms, with the same bytes; the next `compress` removes the plain one |
| after the plain one was removed | the compressed part, durable since before |
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from shared.errors import AuditError
from shared.naming import COMPRESSED, TEMPORARY
from sidecar import portable
from sidecar.compression import BLOCK, BrokenError, compressed, decompressed
from sidecar.disk import Disk
from sidecar.reading import digest, file_blocks


class UnsafeError(AuditError):
    """The plain part must stay: what would replace it is not the same."""


class Sizes(NamedTuple):
    """Bytes of the plain and of the compressed form."""

    plain: int
    compressed: int


def replace(disk: Disk, fd: int, plain: Path) -> Sizes:
    """Replace the part `plain`, open and locked as `fd`. Raises OSError and UnsafeError, and leaves it in place then."""
    target = plain.with_name(plain.name + COMPRESSED)
    found = disk.stat(fd, plain)
    wanted = digest(_blocks(disk, fd, plain, found.st_size))
    if not _is_there(disk, target):
        _write(disk, fd, plain, found, wanted)
    else:
        _compare(target, wanted, f"{target.name} is there already, and holds something else")
    disk.fsync_directory(target.parent)
    _check_untouched(disk, plain, found)
    disk.remove(plain)
    disk.fsync_directory(target.parent)
    return Sizes(found.st_size, disk.stat_path(target).st_size)


def _write(disk: Disk, fd: int, plain: Path, found: os.stat_result, wanted: str) -> None:
    target = plain.with_name(plain.name + COMPRESSED)
    temporary = target.with_name(target.name + TEMPORARY)
    # Left by one that was killed; whoever writes to one now has the lock on the plain part.
    with contextlib.suppress(FileNotFoundError):
        disk.remove(temporary)
    try:
        _fill(disk, temporary, compressed(_blocks(disk, fd, plain, found.st_size), found.st_size), found)
        _compare(temporary, wanted, "what was read back is not what was written")
        _check_untouched(disk, plain, found)
        temporary.rename(target)
    except BaseException:
        # What went wrong first is what the user needs to hear, and the next one replaces the file.
        with contextlib.suppress(OSError):
            disk.remove(temporary)
        raise


def _fill(disk: Disk, path: Path, blocks: Iterator[bytes], like: os.stat_result) -> None:
    fd = disk.create(path)
    try:
        for block in blocks:
            disk.write(fd, block, path)
        if sys.platform != "win32" and not portable.is_own(like):
            # Root compresses for the user, who must still be able to read it.
            os.fchown(fd, like.st_uid, like.st_gid)
        # A courtesy, which not every file system grants.
        with contextlib.suppress(OSError):
            os.utime(fd, ns=(like.st_atime_ns, like.st_mtime_ns))
        disk.fsync(fd, path)
        if sys.platform == "linux":
            # So that reading back asks the disk, not the page cache.
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        disk.close(fd, path)


def _compare(path: Path, wanted: str, otherwise: str) -> None:
    try:
        same = digest(decompressed(file_blocks(path))) == wanted
    except BrokenError:
        same = False
    if not same:
        raise UnsafeError(otherwise)


def _check_untouched(disk: Disk, plain: Path, found: os.stat_result) -> None:
    now = disk.stat_path(plain)
    if (now.st_ino, now.st_size, now.st_mtime_ns) != (found.st_ino, found.st_size, found.st_mtime_ns):
        raise UnsafeError("it was changed meanwhile")


def _is_there(disk: Disk, path: Path) -> bool:
    try:
        disk.stat_path(path)
    except FileNotFoundError:
        return False
    return True


def _blocks(disk: Disk, fd: int, path: Path, size: int) -> Iterator[bytes]:
    for offset in range(0, size, BLOCK):
        yield disk.read(fd, min(BLOCK, size - offset), offset, path)
