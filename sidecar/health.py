"""What state the sidecar is in, and the words for it: each once when it begins and once when it ends. Pure.

A stalled disk is not an error and not slowness: a call has been in progress for over a second, and nothing is known of it.
"""

import errno
from typing import NamedTuple

from shared.naming import AUDIT_DIR_VARIABLE
from sidecar.disk import Call

STALLED_S = 1.0
# A disk that fails slowly stays "failing": it is not to change its state with each attempt.
STALLED_WHILE_FAILING_S = 5.0
# A stall goes on while calls still take so long.
STALL_GOES_ON_S = 0.5
# Trouble is over when nothing was seen of it for so long: a disk that takes 2 s for every call is one stall, not many.
CALM_S = 1.5

RECORDING, STALLED, FAILING, STOPPING = "recording", "stalled", "failing", "stopping"
TROUBLE = {STALLED, FAILING}

_ADVICE = {
    errno.ENOSPC: "free some space on that disk",
    errno.EDQUOT: "free some of this user's space on that disk",
    errno.EACCES: "let this user read and write there",
    errno.EPERM: "let this user read and write there",
    errno.EROFS: "mount that disk for writing",
    errno.ENOTDIR: f"a file stands where the directory should be: move it away or set {AUDIT_DIR_VARIABLE}",
    errno.EEXIST: f"a file stands where the directory should be: move it away or set {AUDIT_DIR_VARIABLE}",
    errno.EAGAIN: "another sidecar writes this log: stop it",
    errno.ENOTCONN: "that file system is gone: mount it again",
    errno.ESTALE: "that file system is gone: mount it again",
    errno.EFBIG: "raise the limit on the size of a file (ulimit -f)",
    errno.EMFILE: "raise the limit on open files (ulimit -n)",
    errno.ENFILE: "close some programs: the system has too many open files",
    errno.EIO: "the disk is failing: check it",
}


class Failure(NamedTuple):
    """What the disk refuses, where, and what to do; `since` in microseconds since 1970 UTC."""

    reason: str
    file: str
    since: int


class Health(NamedTuple):
    """`state` with `reason` and `file`; `since` in microseconds since 1970 UTC."""

    state: str
    since: int
    reason: str = ""
    file: str = ""


def failure_of(error: OSError, since: int) -> Failure:
    """Describe `error` for the person who can mend it."""
    advice = _ADVICE.get(error.errno or 0, "check that directory")
    return Failure(f"{error.strerror or error}; {advice}", str(error.filename or ""), since)


class Watch:
    """Follows the state of the disk. `health` is what it was at the last look; `now` in microseconds since 1970."""

    def __init__(self, now: int) -> None:
        self.health = Health(RECORDING, now)
        # When trouble began and was last seen, in monotonic seconds: the clock may be set meanwhile.
        self._began, self._seen = 0.0, 0.0
        # What was said of the trouble that lasts.
        self._said: set[str] = set()

    def look(self, call: Call | None, failure: Failure | None, *, stopping: bool, monotonic: float, now: int) -> str:
        """Take in what is in progress at `monotonic` seconds and what is refused. Returns a line to print, empty for none."""
        trouble = self._trouble(call, failure, monotonic, now)
        if trouble is not None:
            if self.health.state not in TROUBLE:
                self._began = call.started if call else monotonic
            self.health, self._seen = trouble, monotonic
            return self._say(trouble)
        if self.health.state in TROUBLE:
            if monotonic - self._seen <= CALM_S:
                return ""
            line = f"Disk recovered after {self._seen - self._began:.0f} s"
            self._said.clear()
        else:
            line = ""
        state = STOPPING if stopping else RECORDING
        if self.health.state != state:
            self.health = Health(state, now)
        return line

    def _trouble(self, call: Call | None, failure: Failure | None, monotonic: float, now: int) -> Health | None:
        since = self.health.since if self.health.state in TROUBLE else now
        in_progress = monotonic - call.started if call else 0.0
        enough = STALLED_WHILE_FAILING_S if failure else STALLED_S
        if self.health.state == STALLED:
            enough = STALL_GOES_ON_S
        if call and in_progress > enough:
            since = min(since, now - int(in_progress * 1e6))
            return Health(STALLED, since, f"{call.operation} has not returned", call.path)
        if failure:
            return Health(FAILING, min(since, failure.since), failure.reason, failure.file)
        return None

    def _say(self, trouble: Health) -> str:
        if trouble.state in self._said:
            return ""
        self._said.add(trouble.state)
        if trouble.state == STALLED:
            return f"Disk stalled: {trouble.reason} on {trouble.file}. Events wait; nothing is lost while they do."
        return f"Disk failing: {trouble.file}: {trouble.reason}. Events wait; it is tried again until it works."
