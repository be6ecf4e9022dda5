"""Wait for a fact with a deadline; never for a time."""

import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic

# The machine may be slow and busy; what holds ends a wait at once.
DEADLINE = 60.0
ROOT = Path(__file__).parents[2]


def until(holds: Callable[[], object], what: Callable[[], str] | str, timeout: float = DEADLINE) -> None:
    """Return as soon as `holds()` is true; fail with `what` after `timeout` seconds."""
    deadline = monotonic() + timeout
    while not holds():
        assert monotonic() < deadline, f"waited {timeout:g} s for: {what if isinstance(what, str) else what()}"
        threading.Event().wait(0.02)
