"""What is remembered of what was forwarded, as bytes that tell when they were cut or changed. Pure."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from shared.wire import Part, RunId
from sidecar.forward.lane import Position

_Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]


class Entry(Struct, frozen=True, array_like=True):
    """A `Position` of a run."""

    part: Part
    line: _Count
    offset: _Count
    seq: _Count


class Cursor(Struct, frozen=True):
    """How far each run is forwarded into the stream `stream`, made at `created`, under `subject`.

    `unfinished` are runs of which something was yet to be forwarded.
    """

    stream: str
    created: str
    subject: str
    runs: dict[str, Entry]
    unfinished: list[RunId] = []

    def is_of(self, stream: str, created: str, subject: str) -> bool:
        """Whether it is of this stream and subject."""
        return (self.stream, self.created, self.subject) == (stream, created, subject)

    def positions(self) -> dict[str, Position]:
        """How far each run is."""
        return {run: Position(each.part, each.line, each.offset, each.seq) for run, each in self.runs.items()}


class BrokenCursorError(Exception):
    """These bytes are no cursor."""


_decode = msgspec.json.Decoder(Cursor).decode


def encode_cursor(
    stream: str, created: str, subject: str, positions: dict[str, Position], unfinished: Iterable[str] = ()
) -> bytes:
    """A line of JSON, and its SHA-256 in a second one."""
    entries = {run: Entry(*position) for run, position in positions.items()}
    cursor = Cursor(stream, created, subject, entries, sorted(unfinished))
    line = msgspec.json.encode(cursor)
    return b"%s\n%s\n" % (line, sha256(line).hexdigest().encode())


def decode_cursor(data: bytes) -> Cursor:
    """Read what `encode_cursor` made. Raises BrokenCursorError for anything else."""
    line, _, digest = data.partition(b"\n")
    if digest != sha256(line).hexdigest().encode() + b"\n":
        raise BrokenCursorError
    try:
        return _decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BrokenCursorError from error
