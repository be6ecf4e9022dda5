"""How many descriptors the sidecar may have, and what they are for: half for connections, a quarter for logs."""

import sys
from typing import NamedTuple

# Far more than GUIs there can be; some systems give a process 256 unless it asks.
WANTED = 10_240
MAX_RUNS = 1_000


class Room(NamedTuple):
    """No connection is accepted that would get a descriptor above `connections`; at most `runs` logs are open."""

    connections: int
    runs: int


def make_room(wanted: int = WANTED) -> Room:
    """Raise this process's own limit as far as it may, up to `wanted`, and divide it."""
    limit = _raised_limit(wanted)
    return Room(limit // 2, min(MAX_RUNS, limit // 4))


def _raised_limit(wanted: int) -> int:
    # Windows has neither such a limit nor such a module.
    most = wanted
    if sys.platform != "win32":
        import resource  # noqa: PLC0415

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft == resource.RLIM_INFINITY or soft >= wanted:
            return wanted
        most = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        except (ValueError, OSError):
            # macOS names no limit and then takes less: what there was must do.
            return soft
    return most
