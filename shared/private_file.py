"""Small files of the run directory that hold a secret: this user's alone, and whole or not there."""

import os
import stat
from pathlib import Path

from shared.errors import SettingsError
from shared.naming import RUN_DIR_VARIABLE

# Windows has neither these flags nor such modes: who may read there is decided by the directory, which is in the profile.
_FLAGS = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
# So that a pipe in the place of the file holds up nobody.
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _FLAGS
# Larger than any of them.
_MOST_BYTES = 64 * 1024


def read(path: Path, remedy: str) -> bytes:
    """All bytes of `path`. Raises FileNotFoundError; SettingsError, with `remedy`, for one that others could have read."""
    try:
        fd = os.open(path, _READ)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise SettingsError(f"Cannot open {path}: {error.strerror}. {remedy}") from error
    try:
        why = _distrust(os.fstat(fd))
        if why:
            raise SettingsError(f"{path} {why}. {remedy}")
        return os.read(fd, _MOST_BYTES)
    finally:
        os.close(fd)


def replace(path: Path, data: bytes) -> None:
    """Put `data` at `path`, mode 0600, at one stroke and durably. Only one process at a time may do so.

    Raises SettingsError when the run directory does not take it.
    """
    temporary = path.with_name(f"{path.name}.tmp")
    try:
        # Of one that died in the middle.
        temporary.unlink(missing_ok=True)
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            # Before its name: else a power cut may leave the name with nothing behind it.
            os.fsync(fd)
        temporary.replace(path)
    except OSError as error:
        raise SettingsError(
            f"Cannot write {path}: {error.strerror}. Remove what is there, or set {RUN_DIR_VARIABLE} to another directory."
        ) from error


def _distrust(found: os.stat_result) -> str:
    if not stat.S_ISREG(found.st_mode):
        return "is not a file"
    if not hasattr(os, "getuid"):
        return ""
    if found.st_uid != os.getuid():
        return "belongs to another user"
    return "can be read or written by other users" if found.st_mode & 0o077 else ""
