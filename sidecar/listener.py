"""The three sockets of the sidecar, bound over either transport."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import cast

import zmq

from shared.curve import Ports, read_ports, write_ports
from shared.errors import SettingsError
from shared.questions import MAX_QUESTION
from shared.transport import Channel, Transport, endpoint, loopback
from shared.wire import MAX_FRAME
from sidecar import keys
from sidecar.descriptors import Room
from sidecar.doors import Doors, bind
from sidecar.gate import Gate
from sidecar.guard import Guard

# Per connection; what is not read stays in the GUI's outbox.
RECEIVE_HIGH_WATER_MARK = 64
# Per subscriber; one that is paused loses lines of the tail, and acknowledgements that it can ask for again.
SEND_HIGH_WATER_MARK = 200
# Who asks waits for the answer; one that does not read it gets no more of them.
ANSWERS_HIGH_WATER_MARK = 4
# A topic is a run id at most, and CURVE greets in some 300 bytes. ZeroMQ keeps a node for each byte of what is subscribed to:
# 64 KiB become 3 MB.
MAX_SUBSCRIPTION = 1024
LINGER_MS = 100


class Listener:
    """`events`, `acks` and `ask`, bound. Reads and writes files of the run directory, once. Raises SettingsError.

    `room` says how many may connect; `complain` hears of who is turned away, once; `guard` of what is removed by us.
    """

    def __init__(
        self, run_dir: Path, transport: Transport, room: Room, complain: Callable[[str], None], guard: Guard
    ) -> None:
        self._run_dir = run_dir
        self._complain = complain
        self._has_complained = False
        made = keys.make_once(run_dir) if transport == "tcp" else None
        self._context = zmq.Context()
        # Before any socket is bound: nobody is let in while there is no gate.
        self._gate = Gate(self._context, made) if made else None
        # Over TCP, ZeroMQ waits for a descriptor by itself.
        self._doors = Doors(room.connections, complain, guard)
        self._ports: dict[str, int] = {}
        self.events = self._bind(zmq.PULL, "events", MAX_FRAME, SEND_HIGH_WATER_MARK)
        self.acks = self._bind(zmq.PUB, "acks", MAX_SUBSCRIPTION, SEND_HIGH_WATER_MARK)
        self.ask = self._bind(zmq.ROUTER, "ask", MAX_QUESTION, ANSWERS_HIGH_WATER_MARK)
        if self._gate is not None:
            write_ports(run_dir, Ports(**self._ports))

    @property
    def refused(self) -> int:
        """How many connections did not show the key that they need."""
        return self._gate.refused if self._gate else 0

    @property
    def watched(self) -> list[zmq.Socket[bytes]]:
        """What to poll besides; when one can be read, `tend` has something to do."""
        return self._gate.sockets if self._gate else self._doors.monitors

    def tend(self) -> None:
        """Let in and turn away who has come."""
        if self._gate is None:
            self._doors.look()
            return
        self._gate.tend()
        if self.refused and not self._has_complained:
            self._has_complained = True
            self._complain(
                f"Refused a connection that did not show the keys in {self._run_dir}. "
                "Further ones are only counted, see status."
            )

    def shut(self) -> None:
        """Let nobody in any more; who is in stays."""
        if self._gate is not None:
            self._gate.close()

    def close(self) -> None:
        """Send what waits, at most LINGER_MS, and end."""
        self._doors.close()
        for each in (self.events, self.acks, self.ask):
            each.close(linger=LINGER_MS)
        self._context.term()

    def _bind(self, kind: int, channel: Channel, longest_frame: int, send_high_water_mark: int) -> zmq.Socket[bytes]:
        each: zmq.Socket[bytes] = self._context.socket(kind)
        each.set(zmq.RCVHWM, RECEIVE_HIGH_WATER_MARK)
        each.set(zmq.SNDHWM, send_high_water_mark)
        each.set(zmq.MAXMSGSIZE, longest_frame)
        if self._gate is None:
            self._doors.open(each, endpoint(self._run_dir, channel), channel)
        else:
            self._gate.guard(each)
            self._ports[channel] = _listen_at_port(each, self._last_port(channel))
        return each

    def _last_port(self, channel: Channel) -> int | None:
        try:
            port: int = getattr(read_ports(self._run_dir), channel)
        except (FileNotFoundError, SettingsError):
            # None ever ran here, or what it left is of no use; it is replaced in a moment.
            return None
        return port


def _listen_at_port(socket: zmq.Socket[bytes], last: int | None) -> int:
    """The port; the `last` one if it is free, so that who is connecting to it needs to look for no other."""
    if last is not None:
        # Somebody else has it by now.
        with contextlib.suppress(SettingsError):
            return _listen(socket, loopback(last))
    return _listen(socket, loopback("*"))


def _listen(socket: zmq.Socket[bytes], address: str) -> int:
    """The port."""
    bind(socket, address)
    return int(cast("bytes", socket.get(zmq.LAST_ENDPOINT)).rpartition(b":")[2])
