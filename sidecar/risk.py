"""What other users could do to the logs because of the directory that they are in."""

import os
import stat

from shared.naming import AUDIT_DIR_VARIABLE
from sidecar.portable import is_own


def risk_of(found: os.stat_result) -> str:
    """What other users can do in a directory of logs, and what to do about it; empty when they can do nothing."""
    if found.st_uid and not is_own(found):
        who = "belongs to another user, who"
    elif found.st_mode & 0o022 and not found.st_mode & stat.S_ISVTX:
        who = "can be written to by other users, who"
    else:
        return ""
    return (
        f"{who} can delete logs and put others in their place, though not read them. Run: chmod go-w there, or set "
        f"{AUDIT_DIR_VARIABLE} to a directory of yours."
    )
