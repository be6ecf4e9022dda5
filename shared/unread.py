"""Tells a program that nobody reads its output any more: the terminal was closed, and with it went whoever relayed it.

honcho gives its processes sessions of their own, so the SIGHUP of a closed terminal ends honcho and never reaches them; they would
live on unseen, with the port and the lock.
"""

import os
import select
import stat
import sys
import threading
from collections.abc import Callable


def when_unread(descriptor: int, tell: Callable[[], None]) -> None:
    """Call `tell`, from a thread, once a pipe has no reader any more. Never for what is no pipe, or cannot be watched."""
    try:
        is_pipe = stat.S_ISFIFO(os.fstat(descriptor).st_mode)
    except OSError:
        # Started without any output.
        return
    if sys.platform != "win32" and is_pipe:
        poller = select.poll()
        # Nothing is asked for: what comes then is POLLERR.
        poller.register(descriptor, 0)

        def watch() -> None:
            poller.poll()
            tell()

        threading.Thread(target=watch, name="reader", daemon=True).start()
