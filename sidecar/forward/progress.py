"""How far the forwarding is, as the sidecar, `status` and the GUI are told. Pure but for the clock."""

from collections import deque
from collections.abc import Sequence

from shared.wire import Forwarding
from sidecar.forward.log import Log
from sidecar.records import now

CONNECTING, FORWARDING, STOPPED = "connecting", "forwarding", "stopped"


class Progress:
    """`target` is what is shown of where lines go. `forwarded` counts the lines of connections that have ended."""

    def __init__(self, target: str) -> None:
        self.forwarded = 0
        self._target = target
        self._missed, self._notice = 0, ""
        self._untold: deque[str] = deque()
        self._known: set[str] = set()
        self._link, self._link_reason = CONNECTING, ""
        self._state, self._since = CONNECTING, now()
        self._told: Forwarding | None = None

    def connect(self) -> None:
        """There is a connection."""
        self._link, self._link_reason = FORWARDING, ""

    def stop(self, reason: str) -> None:
        """There is none."""
        self._link, self._link_reason = STOPPED, reason

    def miss(self, notice: str) -> None:
        """Something of a log will not be in the stream, or is another thing there. May be called from threads."""
        # Each connection finds it again.
        if notice not in self._known:
            self._known.add(notice)
            self._untold.append(notice)

    @property
    def has_more_to_say(self) -> bool:
        """Whether the next `look` says something that the last one did not yet: each says one thing that is missed."""
        return bool(self._untold)

    def look(self, logs: Sequence[Log], stuck: str, trouble: str, moving: int) -> Forwarding | None:
        """How far it is, None where nothing has changed.

        `logs` are those of which something is to be forwarded; `moving` lines went over the connection that is. `stuck`: why
        no log can be read; `trouble` hinders less.
        """
        if self._untold:
            self._missed += 1
            self._notice = self._untold.popleft()
        state, reason = self._link, self._link_reason or trouble
        hindered = [log for log in logs if log.trouble]
        if self._link == FORWARDING and hindered:
            others = len(hindered) < len(logs)
            first = min(hindered, key=lambda log: log.run)
            same = all(log.trouble == first.trouble for log in hindered)
            reason = first.trouble if same and len(hindered) > 1 else f"run {first.run}: {first.trouble}"
            state = FORWARDING if others else STOPPED
        if self._link == FORWARDING and stuck:
            state, reason = STOPPED, stuck
        if state != self._state:
            self._state, self._since = state, now()
        waiting, uncounted = (sum(each) for each in zip((0, 0), *(log.waiting() for log in logs), strict=True))
        told = Forwarding(
            self._target,
            state,
            self._since,
            reason,
            waiting,
            uncounted,
            self.forwarded + moving,
            self._missed,
            self._notice,
        )
        if told == self._told:
            return None
        self._told = told
        return told
