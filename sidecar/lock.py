"""One sidecar per run directory: a lock that the kernel lets go of only when its holder is really gone."""

import os
from pathlib import Path

from shared.dying import is_dying
from shared.errors import AlreadyRunningError, SettingsError
from shared.naming import AUDIT_DIR_VARIABLE, RUN_DIR_VARIABLE
from sidecar import portable

DYING = "which was killed and waits for a disk that does not answer"


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
            f"Another sidecar ({describe_holder(run_dir)}) serves {run_dir} already, for every GUI with the same settings. "
            f"Stop it first, wait until it is gone, or set {AUDIT_DIR_VARIABLE} to keep the two apart."
        ) from None
    os.ftruncate(fd, 0)
    portable.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
    return fd


def describe_holder(run_dir: Path) -> str:
    """`pid 1234`, as the last holder left it, and whether it is one that cannot end."""
    pid = (run_dir / "lock").read_text().strip()
    if not pid.isdecimal():
        return "pid unknown"
    return f"pid {pid}, {DYING}" if is_dying(int(pid)) else f"pid {pid}"
