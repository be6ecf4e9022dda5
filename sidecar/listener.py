"""The three sockets of the sidecar, bound over either transport."""

import contextlib
from pathlib import Path
from typing import cast

import zmq

from shared.curve import Ports, read_ports, write_ports
from shared.errors import SettingsError
from shared.naming import RUN_DIR_VARIABLE
from shared.transport import Channel, Transport, endpoint, loopback
from shared.wire import MAX_FRAME
from sidecar import descriptors, keys
from sidecar.gate import Gate

# Per connection; what is not read stays in the GUI's outbox.
RECEIVE_HIGH_WATER_MARK = 64
# Per subscriber; one that is paused loses lines of the tail, and acknowledgements that it can ask for again.
SEND_HIGH_WATER_MARK = 200
LINGER_MS = 100


class Listener:
    """`events`, `acks` and `ask`, bound. Reads and writes files of the run directory, once. Raises SettingsError."""

    def __init__(self, run_dir: Path, transport: Transport) -> None:
        self._run_dir = run_dir
        self._has_complained = False
        made = keys.make_once(run_dir) if transport == "tcp" else None
        self._context = zmq.Context()
        # Before any socket is bound: nobody is let in while there is no gate.
        self._gate = Gate(self._context, made) if made else None
        self._ports: dict[str, int] = {}
        self.events = self._bind(zmq.PULL, "events")
        self.acks = self._bind(zmq.PUB, "acks")
        self.ask = self._bind(zmq.ROUTER, "ask")
        if self._gate is not None:
            descriptors.allow_many()
            write_ports(run_dir, Ports(**self._ports))

    @property
    def refused(self) -> int:
        """How many connections did not show the key that they need."""
        return self._gate.refused if self._gate else 0

    @property
    def gate_sockets(self) -> list[zmq.Socket[bytes]]:
        """What to poll besides; when one can be read, `tend` has something to do."""
        return self._gate.sockets if self._gate else []

    def tend(self) -> str:
        """Let in and turn away who has come. Returns a line to print, at the first refusal; empty for none."""
        if self._gate is None:
            return ""
        self._gate.tend()
        if not self.refused or self._has_complained:
            return ""
        self._has_complained = True
        return (
            f"Refused a connection that did not show the keys in {self._run_dir}. "
            "Further ones are only counted, see status."
        )

    def shut(self) -> None:
        """Let nobody in any more; who is in stays."""
        if self._gate is not None:
            self._gate.close()

    def close(self) -> None:
        """Send what waits, at most LINGER_MS, and end."""
        for each in (self.events, self.acks, self.ask):
            each.close(linger=LINGER_MS)
        self._context.term()

    def _bind(self, kind: int, channel: Channel) -> zmq.Socket[bytes]:
        each: zmq.Socket[bytes] = self._context.socket(kind)
        each.set(zmq.RCVHWM, RECEIVE_HIGH_WATER_MARK)
        each.set(zmq.SNDHWM, SEND_HIGH_WATER_MARK)
        each.set(zmq.MAXMSGSIZE, MAX_FRAME)
        if self._gate is None:
            _listen(each, endpoint(self._run_dir, channel))
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
    """The port, 0 where there are none."""
    try:
        socket.bind(address)
    except zmq.ZMQError as error:
        raise SettingsError(
            f"Cannot listen at {address}: {error}. Remove what is there, or set {RUN_DIR_VARIABLE}."
        ) from error
    port = cast("bytes", socket.get(zmq.LAST_ENDPOINT)).rpartition(b":")[2]
    return int(port) if port.isdigit() else 0
