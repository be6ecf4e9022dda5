"""Whether the process that said Hello is still the one with its pid."""

import psutil

from sidecar.records import Owner

# psutil computes the start from the boot time, which moves by this much when the clock is set.
TOLERANCE_S = 1.0


def is_alive(owner: Owner) -> bool:
    """Whether `owner` runs. A zombie does not: it will never send again."""
    try:
        process = psutil.Process(owner.pid)
        return bool(
            abs(process.create_time() - owner.started) <= TOLERANCE_S and process.status() != psutil.STATUS_ZOMBIE
        )
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        # It exists and belongs to somebody else now: not ours any more.
        return False
