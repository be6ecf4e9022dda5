"""System calls and flags that Windows has not, or has by another name. Chosen here and nowhere else."""

import errno
import os
import sys

if sys.platform == "win32":
    import msvcrt

    # Windows has no such flags: no links to follow without a privilege, no pipes among files, and nothing inherits.
    SAFELY = os.O_BINARY
    # No directory can be opened there; NTFS keeps names by a journal of its own.
    DIRECTORY = 0
    EXCLUSIVE_NOW = 0
    # Nobody may read what is locked there, and the holder's pid is to be read.
    _LOCKED_BYTE = 2**30

    def lock(fd: int, _operation: int) -> None:
        """Lock a file until `fd` is closed. Raises BlockingIOError when another process has it."""
        os.lseek(fd, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError(errno.EAGAIN, error.strerror) from error

    def pread(fd: int, size: int, offset: int) -> bytes:
        """Up to `size` bytes from `offset`; moves the position, which only reading and locking use."""
        os.lseek(fd, offset, os.SEEK_SET)
        return os.read(fd, size)

    def pwrite(fd: int, data: bytes, offset: int) -> int:
        """Write at `offset`; returns how many bytes were taken."""
        os.lseek(fd, offset, os.SEEK_SET)
        return os.write(fd, data)

    def is_own(_found: os.stat_result) -> bool:
        """Whether a file is this user's. Windows' stat does not say whose it is; its directory decides."""
        return True

else:
    import fcntl

    SAFELY = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    DIRECTORY = os.O_DIRECTORY | os.O_CLOEXEC
    EXCLUSIVE_NOW = fcntl.LOCK_EX | fcntl.LOCK_NB
    lock, pread, pwrite = fcntl.flock, os.pread, os.pwrite

    def is_own(found: os.stat_result) -> bool:
        """Whether a file is this user's."""
        return found.st_uid == os.geteuid()
