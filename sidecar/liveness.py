"""Whether the process that said Hello is still the one with its pid."""

import psutil

from sidecar.records import Owner

# psutil computes the start from the boot time, which moves by this much when the clock is adjusted.
TOLERANCE_S = 1.0
# And back by as much as the clock is stepped back: an hour or a time zone. A later process with the same pid starts later.
STEPPED_BACK_S = 26 * 3600.0


def find(owner: Owner) -> psutil.Process | None:
    """The process that is `owner`, None when it is gone. What is found stays right when the clock is set.

    Raises OSError when there is nothing to look with, no descriptor say.
    """
    try:
        process = psutil.Process(owner.pid)
        return process if -TOLERANCE_S <= owner.started - process.create_time() <= STEPPED_BACK_S else None
    except (psutil.NoSuchProcess, psutil.AccessDenied, ValueError, OverflowError):
        # One that we may not look at is not our user's, and so not ours any more; an edited log may name any number.
        return None


def is_alive(process: psutil.Process | None) -> bool:
    """Whether `process` still runs. A zombie does not: it will never send again."""
    try:
        return process is not None and process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        # It ended while we looked.
        return False
    except OSError:
        # Nothing to look with, no descriptor say: who is not known to be gone is taken to live.
        return True
