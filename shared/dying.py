"""Tells a process that was killed and cannot end, because a call of it to the disk has not returned."""

import psutil


def is_dying(pid: int) -> bool:
    """Whether the process `pid` was killed while one of its threads hangs in the kernel.

    It does nothing any more, and yet its files, sockets and locks stay open until that call returns.
    """
    try:
        process = psutil.Process(pid)
        # The first thread is gone; one that is only waiting to be reaped has no other.
        return bool(process.status() == psutil.STATUS_ZOMBIE and process.num_threads() > 1)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        # It ended, or is somebody else's.
        return False
