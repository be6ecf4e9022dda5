"""Frames on a pipe: four bytes of length, then so many bytes."""

import os

# What a reader says first: it has loaded, and listens.
READY = b""

_LENGTH = 4
# What a pipe holds. Python takes memory for as much as it asks for, and what is no frame may seem to be one of gigabytes.
_READ_MAX = 64 * 1024


def write_frame(descriptor: int, frame: bytes) -> None:
    """Write a frame. Raises OSError: BrokenPipeError when nobody will read it."""
    data = len(frame).to_bytes(_LENGTH, "big") + frame
    while data:
        data = data[os.write(descriptor, data) :]


def read_frame(descriptor: int) -> bytes | None:
    """The next frame; None when the other end is closed."""
    length = _read(descriptor, _LENGTH)
    return _read(descriptor, int.from_bytes(length, "big")) if length else None


def _read(descriptor: int, size: int) -> bytes | None:
    data = b""
    while len(data) < size:
        block = os.read(descriptor, min(size - len(data), _READ_MAX))
        if not block:
            return None
        data += block
    return data
