"""Where the sidecar listens over ipc. Before the process runs out of descriptors, all who came through a door are dropped.

- Without a descriptor for whom it accepts, ZeroMQ aborts the process.
- Whoever is dropped comes again by itself, as a GUI does, and sends what was not acknowledged.
"""

import contextlib
import os
from collections.abc import Callable

import zmq

from shared.errors import SettingsError
from shared.monitor import read_monitor
from shared.naming import RUN_DIR_VARIABLE
from sidecar.guard import Guard

# Opened again when so much of the room is free.
OPEN_AGAIN = 3 / 4
# Looked at in one go. They may come faster than one can count them.
ARRIVALS = 100


def bind(listener: zmq.Socket[bytes], address: str) -> None:
    """Listen at `address`. Raises SettingsError with what to do."""
    try:
        listener.bind(address)
    except zmq.ZMQError as error:
        raise SettingsError(
            f"Cannot listen at {address}: {error}. Remove what is there, or set {RUN_DIR_VARIABLE}."
        ) from error


class Doors:
    """The listening sockets. The system gives the lowest free descriptor, so `most` is how many may be in use."""

    def __init__(self, most: int, complain: Callable[[str], None], guard: Guard) -> None:
        self._most = most
        self._guard = guard
        self._complain = complain
        self._doors: list[_Door] = []
        self._has_complained = False

    @property
    def monitors(self) -> list[zmq.Socket[bytes]]:
        """What to poll: somebody came when one of them can be read."""
        return [door.monitor for door in self._doors]

    def open(self, listener: zmq.Socket[bytes], address: str, name: str) -> None:
        """Listen at `address`, a socket whose file has this name. Raises SettingsError."""
        door = _Door(listener, address, name, self._guard)
        self._doors.append(door)
        bind(listener, address)

    def look(self) -> None:
        """Shut each door through which too many have come; open it when they are gone."""
        for door in self._doors:
            if door.look() >= self._most and door.shut():
                self._say(door)
            if door.is_shut and self._in_use() <= self._most * OPEN_AGAIN:
                door.open_again()

    def close(self) -> None:
        """Watch no listener any more, so that they can be closed."""
        for door in self._doors:
            door.close()

    def _say(self, door: "_Door") -> None:
        if not self._has_complained:
            self._has_complained = True
            self._complain(
                f"Too many connections at {door.address}: all of them are dropped, and may come again. "
                "Further times are not said."
            )

    def _in_use(self) -> int:
        try:
            descriptor = os.dup(int(self._doors[0].listener.get(zmq.FD)))
        except OSError:
            # There is none.
            return self._most
        os.close(descriptor)
        return descriptor


class _Door:
    def __init__(self, listener: zmq.Socket[bytes], address: str, name: str, guard: Guard) -> None:
        self.listener = listener
        self.address = address
        self._name = name
        self._guard = guard
        self.monitor = listener.get_monitor_socket(zmq.EVENT_ACCEPTED | zmq.EVENT_CLOSED)
        self._is_open = True
        # ZeroMQ's own thread removes the socket's file; only behind that may it be made anew.
        self.is_shut = False

    def look(self) -> int:
        """The highest descriptor that anybody got who came since the last look."""
        highest = 0
        for _ in range(ARRIVALS):
            if not self.monitor.poll(0):
                break
            kind, value = read_monitor(self.monitor)
            if kind == zmq.EVENT_CLOSED:
                self.is_shut = True
            else:
                highest = max(highest, value)
        return highest

    def shut(self) -> bool:
        """Drop all who came. Returns whether the door was open."""
        if not self._is_open:
            return False
        self._is_open = False
        self._guard.forget(self._name)
        self.listener.unbind(self.address)
        return True

    def open_again(self) -> None:
        # Should its place be taken or gone, the next look tries again.
        with contextlib.suppress(zmq.ZMQError, FileNotFoundError):
            self.listener.bind(self.address)
            self._guard.remember(self._name)
            self._is_open, self.is_shut = True, False

    def close(self) -> None:
        # While a thousand wait here, ZeroMQ's own thread waits, too, and could not be told to let go.
        for _ in range(ARRIVALS):
            self.look()
        self.listener.disable_monitor()
        self.monitor.close(linger=0)
