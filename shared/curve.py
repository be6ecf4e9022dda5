"""The files by which GUI and sidecar meet over TCP: the keys, made once, and the ports of the sidecar that runs.

- Both ends prove who they are (CURVE): on a port of the loopback interface any user of the machine can listen or call.
- One file for both key pairs, so that no crash leaves halves that do not fit. Whoever may read one may read the other.
- Only the holder of the run directory's lock writes them.
"""

from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import zmq
from msgspec import Meta, Struct

from shared import private_file
from shared.errors import SettingsError

KEYS_NAME, PORTS_NAME = "keys", "ports"
REPLACE_KEYS = "Stop the sidecar and run: python -m sidecar keys --replace"
START_AGAIN = "Remove it, and start the sidecar again."

# 32 bytes in ZeroMQ's Z85.
Key = Annotated[str, Meta(min_length=40, max_length=40)]
Port = Annotated[int, Meta(ge=1, le=65535)]


class Keys(Struct, frozen=True):
    """The key pair of the sidecar and the one that all its clients use."""

    sidecar_public: Key
    sidecar_secret: Key
    client_public: Key
    client_secret: Key


class Ports(Struct, frozen=True):
    """The port of each channel on 127.0.0.1."""

    events: Port
    acks: Port
    ask: Port


Content = TypeVar("Content", Keys, Ports)


def new_keys() -> Keys:
    """Two fresh key pairs."""
    return Keys(*(part.decode() for pair in (zmq.curve_keypair(), zmq.curve_keypair()) for part in pair))


def read_keys(run_dir: Path) -> Keys:
    """The keys of a run directory. Raises FileNotFoundError; SettingsError when they are damaged or not secret."""
    path = run_dir / KEYS_NAME
    keys = _decode(path, Keys, REPLACE_KEYS)
    for public, secret in ((keys.sidecar_public, keys.sidecar_secret), (keys.client_public, keys.client_secret)):
        try:
            fits = zmq.curve_public(secret.encode()) == public.encode()
        except zmq.ZMQError:
            # These are no keys at all.
            fits = False
        if not fits:
            raise SettingsError(f"{path} is damaged: a public key does not fit its secret. {REPLACE_KEYS}")
    return keys


def read_ports(run_dir: Path) -> Ports:
    """Where the last sidecar of a run directory listened. Raises FileNotFoundError; SettingsError when it is damaged."""
    return _decode(run_dir / PORTS_NAME, Ports, START_AGAIN)


def write_keys(run_dir: Path, keys: Keys) -> None:
    """Replace the keys. Raises SettingsError."""
    private_file.replace(run_dir / KEYS_NAME, msgspec.json.encode(keys) + b"\n")


def write_ports(run_dir: Path, ports: Ports) -> None:
    """Publish the ports. Raises SettingsError."""
    private_file.replace(run_dir / PORTS_NAME, msgspec.json.encode(ports) + b"\n")


def _decode(path: Path, content: type[Content], remedy: str) -> Content:
    data = private_file.read(path, remedy)
    try:
        return msgspec.json.decode(data, type=content)
    except msgspec.DecodeError as error:
        raise SettingsError(f"{path} is damaged: {error}. {remedy}") from error
