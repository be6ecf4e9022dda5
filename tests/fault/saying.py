"""What a trouble is called, and what is said of it: in the panel, by `status`, and in a sidecar's output."""

import errno
import os
import time
from pathlib import Path
from typing import Any

from gui.audit import AuditStatus
from gui.status_words import describe, lost_words, notice_words
from shared.naming import Directories
from sidecar.question import ask_status
from sidecar.status import describe as describe_status
from tests.support.processes import Answer, Pair

ADVICE = {
    errno.EIO: "the disk is failing: check it",
    errno.ENOSPC: "free some space on that disk",
    errno.EDQUOT: "free some of this user's space on that disk",
    errno.EFBIG: "raise the limit on the size of a file (ulimit -f)",
    errno.EROFS: "mount that disk for writing",
    errno.EACCES: "let this user read and write there",
    errno.ESTALE: "that file system is gone: mount it again",
    errno.ENOTCONN: "that file system is gone: mount it again",
    errno.ENOTDIR: "a file stands where the directory should be: move it away or set DATATOOLS_AUDIT_DIR",
    errno.EEXIST: "a file stands where the directory should be: move it away or set DATATOOLS_AUDIT_DIR",
}


def refusal(code: int) -> str:
    """What went wrong, and what to do."""
    return f"{os.strerror(code)}; {ADVICE[code]}"


def said_of(lines: list[str], words: str) -> list[str]:
    return [line for line in lines if words in line]


def told_by_status(pair: Pair) -> list[str]:
    """What `python -m sidecar status` prints, without the half second that it takes to start."""
    return describe_status(ask_status(Directories(pair.audit, pair.run_dir), timeout_s=10), time.time())


def panel(status: Answer) -> str:
    """The sentences that the panel in the page would show."""
    fields: dict[str, Any] = {**status, "log_path": Path(status["log_path"])}
    shown = AuditStatus(**fields)
    words = describe(shown, time.time())
    return f"{words.label}. {words.sentence} {lost_words(shown)} {notice_words(shown)}"
