"""The first and the last event of a process, each logged once whichever way it starts and ends.

With `python -m gui` the server's lifespan says both. With `streamlit run` there is no such hook: the first page view
begins, and `atexit` ends.
"""

import atexit
import sys
import threading
import types
from typing import cast

from gui.audit import close, log_event

# Below the 3 s that the sidecar waits for the GUI's last events, and the 5 s that honcho gives both.
FLUSH_S = 2.0


class _Said(types.ModuleType):
    """What was said. Kept as a module without a file, which outlives Streamlit's loading of an edited module anew.

    Each is a lock that is never released: taking it is atomic, waits for nothing, and works in a signal handler.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.begun = threading.Lock()
        self.ended = threading.Lock()
        self.finished = threading.Lock()


_said = cast("_Said", sys.modules.setdefault("datatools_said", _Said("datatools_said")))


def begin(mode: str, streamlit_version: str) -> None:
    """Log "GUI started", unless that was done. `mode` says how the process was started."""
    if not _said.begun.acquire(blocking=False):
        return
    # Behind gui.audit's own registration, so that this runs before it.
    atexit.register(finish, "exit")
    python = ".".join(map(str, sys.version_info[:3]))
    log_event("session", "GUI started", mode=mode, python=python, streamlit=streamlit_version, platform=sys.platform)


def announce_end(how: str) -> None:
    """Log "Session ending", unless that was done. `how` says what ends the process."""
    if _said.ended.acquire(blocking=False):
        log_event("session", "Session ending", how=how)


def is_ending() -> bool:
    """Whether "Session ending" was logged."""
    return _said.ended.locked()


def finish(how: str) -> None:
    """Log "Session ending" unless that was done, then close the audit trail in about `FLUSH_S` seconds; once."""
    announce_end(how)
    # The second caller, atexit behind the lifespan, must not wait all over again.
    if _said.finished.acquire(blocking=False):
        close(FLUSH_S)
