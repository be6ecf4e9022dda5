"""How the three channels of a pair connect: `events` (GUI to sidecar), `acks` (back), `ask` (questions).

- `ipc`: Unix sockets in the run directory, which only its owner may enter.
- `tcp`: ports of the loopback interface, with CURVE. For builds of ZeroMQ without ipc, as Windows has them.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import zmq

from shared import rundir
from shared.curve import Keys, read_keys, read_ports
from shared.errors import SettingsError
from shared.naming import check_socket_path

Channel = Literal["events", "acks", "ask"]
Transport = Literal["ipc", "tcp"]

TRANSPORT_VARIABLE = "DATATOOLS_AUDIT_TRANSPORT"
# Events a PUSH socket keeps before it refuses one more, as its outbox does.
HIGH_WATER_MARK = 5000


def choose(setting: str) -> Transport:
    """The transport of this setting; empty: ipc where ZeroMQ has it. Raises SettingsError for one that cannot be had."""
    match setting or ("ipc" if zmq.has("ipc") else "tcp"):
        case "ipc" if zmq.has("ipc"):
            return "ipc"
        case "ipc":
            raise SettingsError(
                f"This build of ZeroMQ has no ipc:// transport. Set {TRANSPORT_VARIABLE} to tcp, or leave it out."
            )
        case "tcp" if zmq.has("curve"):
            return "tcp"
        case "tcp":
            raise SettingsError(
                "This build of ZeroMQ has no CURVE, without which TCP is not safe. Install pyzmq's wheel."
            )
        case other:
            raise SettingsError(f"{TRANSPORT_VARIABLE} is {other!r}. Set it to ipc or tcp, or leave it out.")


class Places(NamedTuple):
    """The address of each channel, and over tcp the keys by which both ends prove who they are."""

    events: str
    acks: str
    ask: str
    keys: Keys | None = None

    def connect(self, socket: zmq.Socket[bytes], channel: Channel) -> None:
        """Connect `socket`, as a client, to `channel`."""
        if self.keys is not None:
            socket.curve_serverkey = self.keys.sidecar_public.encode()
            socket.curve_publickey = self.keys.client_public.encode()
            socket.curve_secretkey = self.keys.client_secret.encode()
        socket.connect(getattr(self, channel))


class Meeting:
    """Where the sidecar of a run directory is met; made by `meet`."""

    def __init__(self, run_dir: Path, held: rundir.Held, transport: Transport) -> None:
        self._run_dir = run_dir
        self._held = held
        self._places = places_at(held.path) if transport == "ipc" else read_places(run_dir)
        self.connect = self._places.connect

    @property
    def is_over_tcp(self) -> bool:
        """Whether it is at a port, not at a socket in the run directory."""
        return self._places.keys is not None

    def is_outdated(self) -> bool:
        """Whether it is to be found anew: in another directory, at other ports, with other keys. Raises what `meet` does."""
        return self._held.is_replaced() or (self.is_over_tcp and read_places(self._run_dir) != self._places)


@contextlib.contextmanager
def meet(run_dir: Path, transport: Transport) -> Iterator[Meeting]:
    """Find the sidecar of `run_dir`, having checked that the directory is this user's, and hold on to that.

    Raises FileNotFoundError while no sidecar was there, SettingsError for a directory or file that is not to be trusted.
    """
    with rundir.held(run_dir, sockets=transport == "ipc") as held:
        yield Meeting(run_dir, held, transport)


def places_at(directory: Path) -> Places:
    """The sockets in a run directory. Raises SettingsError for a path too long."""
    return Places(endpoint(directory, "events"), endpoint(directory, "acks"), endpoint(directory, "ask"))


def read_places(run_dir: Path) -> Places:
    """The ports of the last sidecar of a run directory. Raises FileNotFoundError and SettingsError, as `meet` does."""
    # First: what is wrong with them is to be told before a sidecar has run, which they may be what keeps from running.
    keys = read_keys(run_dir)
    ports = read_ports(run_dir)
    return Places(loopback(ports.events), loopback(ports.acks), loopback(ports.ask), keys)


def endpoint(run_dir: Path, channel: Channel) -> str:
    """ZeroMQ address of a channel over ipc. Raises SettingsError for a path too long."""
    check_socket_path(run_dir)
    return f"ipc://{run_dir / channel}"


def loopback(port: int | Literal["*"]) -> str:
    """ZeroMQ address of a port that only this machine reaches; `*`: any that is free."""
    return f"tcp://127.0.0.1:{port}"
