"""What a simulated sidecar has in the place of threads, sockets and a terminal."""

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

import zmq

from shared.wire import Event
from sidecar.screen import Screen
from tests.simulation.network import Pull


class Waits(Protocol):
    """Lets `seconds` pass, or less when it `is_enough`."""

    def __call__(self, seconds: float, is_enough: Callable[[], bool]) -> None: ...


class Filled(threading.Condition):
    """What the writer waits for in the backlog."""

    def __init__(self, wait: Waits) -> None:
        super().__init__()
        self._wait = wait
        self._is_notified = False
        self.was_waited_for = False

    def notify(self, n: int = 1) -> None:  # noqa: ARG002 - it is threading's
        self._is_notified = True

    def wait(self, timeout: float | None = None) -> bool:
        self._is_notified, self.was_waited_for = False, True
        self._wait(timeout or 0.0, lambda: self._is_notified)
        return self._is_notified


class Abandon(threading.Event):
    """What the writer waits for before it tries again."""

    def __init__(self, wait: Waits) -> None:
        super().__init__()
        self._wait = wait

    def wait(self, timeout: float | None = None) -> bool:
        self._wait(timeout or 0.0, self.is_set)
        return self.is_set()


class NoGate:
    """Lets in whoever comes."""

    refused = 0

    def tend(self) -> None:
        pass


class Poller:
    """Knows what is to be read; everything else is never ready."""

    def __init__(self, events: Pull) -> None:
        self._events = events
        self._registered: set[object] = {events}

    def __contains__(self, what: object) -> bool:
        return what in self._registered

    def register(self, what: object, _flags: int) -> None:
        self._registered.add(what)

    def unregister(self, what: object) -> None:
        self._registered.remove(what)

    def poll(self, _milliseconds: int) -> list[tuple[object, int]]:
        is_ready = self._events in self._registered and self._events.can_be_read
        return [(self._events, zmq.POLLIN)] if is_ready else []


class Output(Screen):
    """What is printed becomes a part of the history."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell

    def show(self, events: Sequence[Event]) -> None:
        """The history knows what is logged."""

    def say(self, line: str) -> None:
        self._tell(f"     said: {line}")

    def complain(self, line: str) -> None:
        self._tell(f"     complained: {line}")
