"""What state the sidecar is in, and the words for it. Pure.

A stalled disk is not an error and not slowness: a call has been in progress for over a second, and nothing is known of it.
"""

import errno
from typing import NamedTuple

from shared.naming import AUDIT_DIR_VARIABLE
from sidecar.disk import Call

STALLED_S = 1.0
# A disk that fails slowly stays "failing": it is not to change its state with each attempt.
STALLED_WHILE_FAILING_S = 5.0

RECORDING, STALLED, FAILING, STOPPING = "recording", "stalled", "failing", "stopping"

_ADVICE = {
    errno.ENOSPC: "free some space on that disk",
    errno.EDQUOT: "free some of this user's space on that disk",
    errno.EACCES: "let this user write there",
    errno.EPERM: "let this user write there",
    errno.EROFS: "mount that disk for writing",
    errno.ENOTDIR: f"a file stands where the directory should be: move it away or set {AUDIT_DIR_VARIABLE}",
    errno.EEXIST: f"a file stands where the directory should be: move it away or set {AUDIT_DIR_VARIABLE}",
    errno.EAGAIN: "another sidecar writes this log: stop it",
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


def assess(
    previous: Health, call: Call | None, failure: Failure | None, *, stopping: bool, monotonic: float, now: int
) -> Health:
    """The health at `monotonic` seconds, which is `now` microseconds since 1970; `previous` keeps its `since`."""
    in_progress = monotonic - call.started if call else 0.0
    if call and in_progress > (STALLED_WHILE_FAILING_S if failure else STALLED_S):
        since = previous.since if previous.state == FAILING else now - int(in_progress * 1e6)
        reason = f"{call.operation} has not returned"
        same = (previous.state, previous.reason, previous.file) == (STALLED, reason, call.path)
        return previous if same else Health(STALLED, since, reason, call.path)
    if failure:
        since = min(previous.since, failure.since) if previous.state == STALLED else failure.since
        since = previous.since if previous.state == FAILING else since
        return Health(FAILING, since, failure.reason, failure.file)
    state = STOPPING if stopping else RECORDING
    return previous if previous.state == state else Health(state, now)


def transition(previous: Health, current: Health, now: int) -> str:
    """The line to print when `previous` gives way to `current`, empty for none."""
    if current.state == STALLED:
        return f"Disk stalled: {current.reason} on {current.file}. Events wait; nothing is lost while they do."
    if current.state == FAILING:
        return f"Disk failing: {current.file}: {current.reason}. Events wait; it is tried again until it works."
    if previous.state in {STALLED, FAILING}:
        return f"Disk recovered after {(now - previous.since) / 1e6:.0f} s"
    return ""
