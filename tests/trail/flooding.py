"""Commands that log from several threads for as long as they are let."""

import threading
from time import monotonic

from gui import audit
from tests.trail.commands import Answer, command

# Nobody has promised anything about what does not fit into the outbox.
MOST_PENDING = 4_000


def wait_for_room() -> None:
    while audit.audit_status().pending > MOST_PENDING:
        threading.Event().wait(0.02)


class Flood:
    """Threads that log about `per_second` events in all, until told to stop, and at least `least` in all."""

    def __init__(self, threads: int, per_second: float, least: int) -> None:
        self.enough = threading.Event()
        self.logged = [0] * threads
        self._period = threads / per_second
        self._least = least // threads
        self._threads = [threading.Thread(target=self._log, args=(thread,)) for thread in range(threads)]
        for each in self._threads:
            each.start()

    def stop(self) -> list[int]:
        self.enough.set()
        for each in self._threads:
            each.join()
        return self.logged

    def _log(self, thread: int) -> None:
        never = threading.Event()
        begun = monotonic()
        while self.logged[thread] < self._least or not self.enough.is_set():
            number = self.logged[thread] + 1
            audit.log_event("tool_run", f"thread {thread} event {number}", thread=thread, n=number)
            self.logged[thread] = number
            never.wait(max(begun + number * self._period - monotonic(), 0.0))
            wait_for_room()


floods: list[Flood] = []


@command
def flood(threads: int, per_second: float, least: int) -> Answer:
    floods.append(Flood(threads, per_second, least))
    return {}


@command
def stop_flood() -> Answer:
    return {"logged": floods.pop().stop()}


@command
def end_flood() -> Answer:
    """Log the last words as a GUI does that is told to end, and say goodbye."""
    logged = floods.pop().stop()
    audit.log_event("session", "Session ending")
    result = audit.close()
    return {"logged": logged, "pending": result.pending}
