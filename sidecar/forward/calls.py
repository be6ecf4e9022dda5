"""Calls to the file system, on threads: whichever does not return, the connection goes on, and it is said which one."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# The sidecar says the same of its own disk after one second; this one reads beside it, and as nice as can be.
STUCK_S = 5.0


class Calls:
    """Those of a forwarder that are in progress."""

    def __init__(self) -> None:
        self._going: dict[object, tuple[float, str]] = {}

    async def do(self, what: str, function: Callable[..., T], *arguments: object) -> T:
        """What `function` returns. `what` says what it does: "reading the cursor". Raises what it raises."""
        return await asyncio.to_thread(self._timed, what, function, *arguments)

    def stuck(self) -> str:
        """Which call does not return, empty where all do."""
        # Those that were given up as well, for they hold their threads.
        since, what = min([*self._going.values()], default=(0.0, ""))
        return (
            f"{what} has not returned for over {STUCK_S:.0f} s" if what and time.monotonic() - since > STUCK_S else ""
        )

    def _timed(self, what: str, function: Callable[..., T], *arguments: object) -> T:
        key = object()
        self._going[key] = (time.monotonic(), what)
        try:
            return function(*arguments)
        finally:
            del self._going[key]
