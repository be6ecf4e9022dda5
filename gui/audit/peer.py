"""The sidecar's process, seen from outside: is one that has fallen silent still there? For the back thread, which may look."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

    from shared.presence import Presence

LOOK_EACH_S = 0.5


class Peer:
    """The process that spoke last. `presence` is how it was when it was last looked at, `pid` its number, 0 for none."""

    def __init__(self) -> None:
        self.presence: Presence = "gone"
        self.pid = 0
        self._instance = ""
        self._process: psutil.Process | None = None
        self._looked_at = 0.0

    def meet(self, instance: str, pid: int) -> None:
        """`pid` spoke just now, as the sidecar `instance`. Raises OSError when there is nothing to look with."""
        if (instance, pid) == (self._instance, self.pid):
            return
        import psutil  # noqa: PLC0415 - 9 ms that importing gui.audit need not take

        try:
            # While it speaks it is there; who comes later under the same number is told from it.
            self._process = psutil.Process(pid)
        except (psutil.NoSuchProcess, psutil.AccessDenied, ValueError, OverflowError):
            # In a container of its own, say, or no number of a process: nothing can be told of it.
            self._process = None
        self._instance, self.pid, self.presence = instance, pid, "gone"

    def look(self, now: float) -> None:
        """Look at it, each half second at most; `now` is in monotonic seconds. Raises OSError as `meet` does."""
        if self._process is None or now - self._looked_at < LOOK_EACH_S:
            return
        from shared.presence import presence_of  # noqa: PLC0415 - as above

        self._looked_at = now
        self.presence = presence_of(self._process)
