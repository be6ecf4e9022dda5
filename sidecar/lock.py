"""One sidecar per run directory: a lock that the kernel lets go of only when its holder is really gone."""

import os
from pathlib import Path
from typing import NamedTuple

import psutil

from shared.errors import AlreadyRunningError, SettingsError
from shared.naming import AUDIT_DIR_VARIABLE, RUN_DIR_VARIABLE
from shared.presence import Presence, presence_of
from sidecar import portable

_HOW = {
    "stopped": ", which is suspended",
    "dying": ", which was killed and waits for a disk that does not answer",
}
# By so much psutil's start of a process, reckoned from the boot, and the file's time may differ.
_TOLERANCE_S = 1.0


class Holder(NamedTuple):
    """Who took the lock last: `pid`, 0 where that is not known, and whether it is still there."""

    pid: int
    presence: Presence

    def __str__(self) -> str:
        return f"pid {self.pid or 'unknown'}{_HOW.get(self.presence, '')}"


def take(run_dir: Path) -> int:
    """Take the lock and write our pid into it; it is held as long as the returned descriptor is open.

    Raises AlreadyRunningError naming the holder. A holder stuck in the kernel keeps it after `kill -9`, until its call
    returns: that is what keeps two writers apart.
    """
    try:
        fd = os.open(run_dir / "lock", os.O_RDWR | os.O_CREAT | portable.SAFELY, 0o600)
    except OSError as error:
        raise SettingsError(
            f"Cannot open {run_dir / 'lock'}: {error.strerror}. Remove it, or set {RUN_DIR_VARIABLE} to another directory."
        ) from error
    try:
        portable.lock(fd, portable.EXCLUSIVE_NOW)
    except BlockingIOError:
        os.close(fd)
        raise AlreadyRunningError(
            f"Another sidecar ({find_holder(run_dir)}) serves {run_dir} already, for every GUI with the same settings. "
            f"Stop it first, wait until it is gone, or set {AUDIT_DIR_VARIABLE} to keep the two apart."
        ) from None
    os.ftruncate(fd, 0)
    portable.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
    return fd


def find_holder(run_dir: Path) -> Holder:
    """Who holds the lock, or held it last. Raises OSError where there is none, or nothing to look with."""
    lock = run_dir / "lock"
    pid = lock.read_text().strip()
    if not pid.isdecimal():
        return Holder(0, "gone")
    try:
        process = psutil.Process(int(pid))
        # A later one under the same number is not meant.
        is_later = process.create_time() > lock.stat().st_mtime + _TOLERANCE_S
        return Holder(int(pid), "gone" if is_later else presence_of(process))
    except (psutil.NoSuchProcess, psutil.AccessDenied, OverflowError):
        return Holder(int(pid), "gone")
