"""Whether a process hangs in the kernel, by the kernel's own word."""

import contextlib
from pathlib import Path

from tests.support.waiting import until

# proc(5): in uninterruptible sleep, and ended but not gone.
STUCK, ENDED = "D", "Z"


def thread_states(pid: int) -> dict[int, str]:
    """The states of its threads by their ids, of which the first thread's is `pid`; empty when it is gone."""
    states = {}
    for stat in Path(f"/proc/{pid}/task").glob("*/stat"):
        # It may end while we look.
        with contextlib.suppress(OSError):
            states[int(stat.parent.name)] = stat.read_text().rpartition(")")[2].split()[0]
    return states


def wait_until_it_cannot_end(pid: int) -> None:
    """Until the process is dead but for a thread that the kernel does not let go."""
    until(
        lambda: thread_states(pid).get(pid) == ENDED and STUCK in thread_states(pid).values(),
        lambda: f"{pid} to have ended but for a thread in the kernel; it was {thread_states(pid)}",
    )


def wait_until_gone(pid: int) -> None:
    """Until all of its threads have ended: one that is let go still holds the lock for a moment."""
    until(lambda: set(thread_states(pid).values()) <= {ENDED}, lambda: f"{pid} let go by the kernel")
