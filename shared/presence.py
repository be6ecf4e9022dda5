"""How a process is that should speak and does not. Nothing here waits, not even for one that hangs in the kernel."""

import sys
from typing import Literal

import psutil

from shared.dying import is_dying

Presence = Literal["gone", "running", "stopped", "dying"]

# Commands before a pid: what ends a process that answers nothing, and what lets a suspended one go on; Windows has none.
END = "taskkill /F /PID" if sys.platform == "win32" else "kill -9"
RESUME = "" if sys.platform == "win32" else "kill -CONT"


def presence_of(process: psutil.Process) -> Presence:
    """Whether `process` is gone, runs, is stopped by a signal, or was killed and cannot end.

    Raises OSError when there is nothing to look with, no descriptor say.
    """
    try:
        if not process.is_running():
            return "gone"
        if is_dying(process.pid):
            return "dying"
        status = process.status()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        # It ended while we looked, or is somebody else's by now.
        return "gone"
    if status == psutil.STATUS_ZOMBIE:
        return "gone"
    return "stopped" if status == psutil.STATUS_STOPPED else "running"
