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
        self._said = ""
        self._stopped_at = 0
        self._missed = 0

    def news(self, state: Forwarding) -> list[News]:
        """What is new in `state`."""
        found = []
        if line := self._change(state):
            found.append(News(line, is_trouble=state.state == STOPPED))
        if state.missed > self._missed:
            found.append(News(f"Forwarding: {state.notice}", is_trouble=True))
        self._missed = state.missed
        return found

    def _change(self, state: Forwarding) -> str:
        before = self._said
        if state.state == before or state.state not in {STOPPED, FORWARDING}:
            return ""
        self._said = state.state
        if state.state == STOPPED:
            self._stopped_at = state.since
            return f"Forwarding to {state.target} stopped: {state.reason}. Lines wait in the logs; it is tried again."
        if before == STOPPED:
            return f"Forwarding to {state.target} goes on after {(state.since - self._stopped_at) / 1e6:.0f} s"
        return f"Forwarding to {state.target}"


def describe(state: Forwarding) -> str:
    """`forwarding to nats://logs.example:4222; 0 lines wait, 1,204 forwarded`."""
    since = (
        f" since {datetime.fromtimestamp(state.since / 1e6).astimezone():%H:%M:%S}" if state.state == STOPPED else ""
    )
    reason = f": {state.reason}{since}" if state.reason else since
    return f"{state.state}, {state.target}{reason}; {_waiting(state)}, {state.forwarded:,} forwarded"


def _waiting(state: Forwarding) -> str:
    lines = "1 line waits" if state.waiting == 1 else f"{state.waiting:,} lines wait"
    return f"{lines}, and {state.uncounted / 1e6:,.1f} MB more" if state.uncounted else lines
