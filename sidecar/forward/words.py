"""The state of the forwarding in words. Pure."""

from datetime import datetime
from typing import NamedTuple

from shared.wire import Forwarding
from sidecar.forward.progress import FORWARDING, STOPPED


class News(NamedTuple):
    """A line to print."""

    text: str
    is_trouble: bool


class Speaker:
    """Says once when forwarding begins, stops and goes on, and each thing that is lost to the other end."""

    def __init__(self) -> None:
        self._is_stopped = False
        self._has_begun = False
        self._stopped_at = 0
        self._missed = 0

    def news(self, state: Forwarding) -> list[News]:
        """What is new in `state`."""
        found = []
        if state.state == STOPPED and not self._is_stopped:
            self._is_stopped, self._stopped_at = True, state.since
            found.append(
                News(
                    f"Forwarding to {state.target} stopped: {state.reason}. Lines wait in the logs; it is tried again.",
                    True,
                )
            )
        elif state.state == FORWARDING and self._is_stopped:
            self._is_stopped, self._has_begun = False, True
            found.append(
                News(
                    f"Forwarding to {state.target} goes on after {(state.since - self._stopped_at) / 1e6:.0f} s", False
                )
            )
        elif state.state == FORWARDING and not self._has_begun:
            self._has_begun = True
            found.append(News(f"Forwarding to {state.target}", False))  # noqa: FBT003
        if state.missed > self._missed and state.notice:
            found.append(News(f"Forwarding: {state.notice}", True))  # noqa: FBT003
        self._missed = state.missed
        return found


def describe(state: Forwarding) -> str:
    """`forwarding to nats://logs.example:4222, 0 lines wait, 1,204 forwarded`."""
    text = f"{state.state} to {state.target}" if state.state == FORWARDING else f"{state.state}, {state.target}"
    if state.reason:
        since = (
            f" since {datetime.fromtimestamp(state.since / 1e6).astimezone():%H:%M:%S}"
            if state.state == STOPPED
            else ""
        )
        text += f": {state.reason}{since}"
    return f"{text}; {waiting(state)}, {state.forwarded:,} forwarded"


def waiting(state: Forwarding) -> str:
    """`1 line waits`, `1,204 lines and 3.1 MB more wait`."""
    if state.uncounted:
        return f"{state.waiting:,} lines and {state.uncounted / 1e6:,.1f} MB more wait"
    return "1 line waits" if state.waiting == 1 else f"{state.waiting:,} lines wait"
