"""How much of a log may be forwarded: only what is durable, for the sidecar may cut a log back after an error. Pure.

- Of a log that the sidecar has open: what it said is durable. It goes on in the next part only when this one is.
- Of a log that nobody has open: all of it, once its end is a closing line. Others may still be taken up and mended.
"""

from collections.abc import Iterable
from typing import NamedTuple


class Told(NamedTuple):
    """The sidecar said that `size` bytes of `part` are durable, and all before it."""

    part: int
    size: int


class PartFile(NamedTuple):
    """A part as it lies there: of `size` bytes, compressed or not."""

    part: int
    compressed: bool
    size: int


class Stretch(NamedTuple):
    """What may be forwarded of a part: up to byte `limit`, or all that is in a compressed one (None), of `size` on disk."""

    part: int
    limit: int | None
    size: int

    @property
    def compressed(self) -> bool:
        """Whether the part lies there compressed."""
        return self.limit is None


def extent(files: Iterable[PartFile], told: Told | None, *, closed: bool) -> list[Stretch]:
    """What may be forwarded, in order. `closed`: the newest part ends in a closing line, and has for a while."""
    # Of a part in both forms the plain one.
    parts = {each.part: each for each in sorted(files, key=lambda each: (each.part, not each.compressed))}
    stretches = []
    for each in parts.values():
        if each.compressed:
            stretches.append(Stretch(each.part, None, each.size))
        elif told is not None and each.part == told.part:
            stretches.append(Stretch(each.part, told.size, each.size))
        elif each.part < max(parts) or closed or (told is not None and each.part < told.part):
            stretches.append(Stretch(each.part, each.size, each.size))
        if told is not None and each.part >= told.part:
            break
    return stretches
