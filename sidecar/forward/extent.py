"""How much of a log may be forwarded: only what is durable, for the sidecar may cut a log back after an error. Pure.

- Of a log that the sidecar has open: what it said is durable. It goes on in the next part only when this one is.
- Of a log that nobody has open: all of it, once its end is a closing line. Others may still be taken up and mended.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sidecar.forward.lane import Position


class Told(NamedTuple):
    """The sidecar said that `size` bytes of `part` are durable, and all before it."""

    part: int
    size: int


class PartFile(NamedTuple):
    """A part as it lies there; of a compressed one `size` is what is in it, -1 where that is not known."""

    part: int
    compressed: bool
    size: int


class Stretch(NamedTuple):
    """What may be forwarded of a part: up to byte `limit`; where that is None all of it, some `size` bytes.

    A size that was looked at before the part was known to be whole is not its last one, so it is not a limit.
    """

    part: int
    limit: int | None
    size: int
    compressed: bool = False


def extent(files: Sequence[PartFile], told: Told | None, closed: int | None) -> list[Stretch]:
    """What may be forwarded, in order. `closed`: the newest part is a plain one that ends in a closing line at this byte."""
    # Of a part in both forms the plain one; and only what is closed gets a compressed one.
    parts = {each.part: each for each in sorted(files, key=lambda each: (each.part, not each.compressed))}
    compressed = {each.part for each in files if each.compressed}
    if told is not None:
        # It may be newer than the last look.
        parts.setdefault(told.part, PartFile(told.part, compressed=False, size=told.size))
    stretches = []
    for part, each in sorted(parts.items()):
        if each.compressed:
            stretches.append(Stretch(part, None, each.size, compressed=True))
        elif told is not None and part == told.part:
            stretches.append(Stretch(part, told.size, told.size))
        elif part < max(parts) or part in compressed:
            stretches.append(Stretch(part, None, each.size))
        elif closed is not None:
            stretches.append(Stretch(part, closed, closed))
        if told is not None and part >= told.part:
            break
    return stretches


def is_done(position: Position, stretches: Sequence[Stretch]) -> bool:
    """Whether nothing of `stretches` can stand behind `position`."""
    if not stretches:
        return True
    last = stretches[-1]
    end = last.size if last.compressed else last.limit
    return last.part < position.part or (last.part == position.part and end == position.offset)


def rest_of(part: int, size: int, position: Position | None) -> int:
    """How many bytes of a part of this size stand behind a position."""
    if position is None or part > position.part:
        return size
    return max(size - position.offset, 0) if part == position.part else 0
