"""Peers that speak ZeroMQ's own protocol (ZMTP 3.0) badly or too well, over the plain unix socket."""

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from random import Random

_GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + b"\0" + bytes(31)
_MORE, _LONG, _COMMAND = 1, 2, 4


def ready(socket_type: bytes, **more: bytes) -> bytes:
    """Greeting and handshake of a peer of this type."""
    properties = {b"Socket-Type": socket_type, **{name.encode(): value for name, value in more.items()}}
    body = b"\x05READY" + b"".join(
        bytes([len(name)]) + name + len(value).to_bytes(4, "big") + value for name, value in properties.items()
    )
    return _GREETING + frame(body, _COMMAND)


def frame(body: bytes, flags: int = 0, declared: int | None = None) -> bytes:
    """One frame; `declared` is the length that it says it has."""
    length = len(body) if declared is None else declared
    if length < 256 and declared is None:
        return bytes([flags, length]) + body
    return bytes([flags | _LONG]) + length.to_bytes(8, "big") + body


def part(body: bytes) -> bytes:
    """A frame of a message of which more is to come."""
    return frame(body, _MORE)


def garbage(chance: Random) -> Iterator[bytes]:
    """Beginnings of conversations that lead nowhere, without end; none has a message in it."""
    good = ready(b"PUSH")
    while True:
        # Behind the version: whatever has none is a conversation in ZMTP 1.0, and nearly any byte a message.
        cut = chance.randrange(12, len(good))
        yield from (
            good[: chance.randrange(1, len(good))],
            good[:cut] + chance.randbytes(100),
            _GREETING.replace(b"NULL", b"CURV"),
            _GREETING.replace(b"\x03\x00", b"\x01\x00"),
            _GREETING.replace(b"\x03\x00", b"\xff\xff"),
            ready(chance.choice([b"PULL", b"PUB", b"REP", b"x" * 200, b""])),
            ready(b"PUSH", Identity=b"x" * 255),
            _GREETING + frame(b"\xffREADY", _COMMAND),
            _GREETING + frame(b"\x05READY\xff\xff\xff\xff\xff", _COMMAND),
            good + frame(b"x", _MORE, declared=2**63),
            good + frame(b"x", 0, declared=2**64 - 1),
            good + frame(b"\x09SUBSCRIBE" + b"x" * 90, _COMMAND),
            good + frame(b"\x04PING\x00\x00" + b"x" * 16, _COMMAND),
            good + bytes([0xFF, 5]) + b"hello",
            b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        )


class Peer:
    """One connection to a unix socket, which the other side may end at any time."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(str(path))

    def send(self, data: bytes) -> bool:
        """Send all of it. Returns False when the other side has had enough."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    def wait_for_end(self) -> None:
        """Read until the other side ends the connection."""
        with contextlib.suppress(ConnectionResetError):
            while self.socket.recv(65536):
                pass

    def close(self) -> None:
        self.socket.close()


def subscriptions(chance: Random, number: int) -> bytes:
    """So many subscriptions and cancellations, of any bytes."""
    return b"".join(
        frame(chance.choice([b"\x01", b"\x01", b"\x00", b"\x02"]) + chance.randbytes(chance.randrange(40)))
        for _ in range(number)
    )


def descriptors(pid: int) -> int:
    """How many descriptors a process has."""
    return len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 - only their number is asked for
