"""What can be done to the lines of a log, and what is left then. Pure."""

import re
from collections.abc import Iterator, Sequence
from random import Random

from shared.chain import GENESIS, event_body, head_of, seal
from tests.log.bench import NOW

Lines = list[bytes]

# `,"prev":"`, 64 digits and `"}` end each line.
_PREV = len(b',"prev":"') + len(GENESIS) + len(b'"}')


def flipped(data: bytes, byte: int, bit: int) -> bytes:
    return data[:byte] + bytes([data[byte] ^ 1 << bit]) + data[byte + 1 :]


def deleted(lines: Sequence[bytes], at: int, count: int = 1) -> Lines:
    return [*lines[:at], *lines[at + count :]]


def inserted(lines: Sequence[bytes], at: int, *strangers: bytes) -> Lines:
    return [*lines[:at], *strangers, *lines[at:]]


def swapped(lines: Sequence[bytes], one: int, other: int) -> Lines:
    changed = list(lines)
    changed[one], changed[other] = changed[other], changed[one]
    return changed


def turned(lines: Sequence[bytes], at: int, count: int) -> Lines:
    """`count` lines in the opposite order."""
    return [*lines[:at], *reversed(lines[at : at + count]), *lines[at + count :]]


def rewritten(lines: Sequence[bytes], at: int) -> Lines:
    """All lines from `at` on say something else, and are chained well."""
    bodies = [line[:-_PREV].replace(b'"level":"', b'"level":"!', 1) for line in lines[at:]]
    return [*lines[:at], *chained(bodies, head_at(lines, at))]


def head_at(lines: Sequence[bytes], at: int) -> str:
    """The hash that the line `at` must carry."""
    return head_of(lines[at - 1]) if at else GENESIS


def chained(bodies: Sequence[bytes], head: str) -> Lines:
    return seal(head, bodies)[0].split(b"\n")[:-1]


def stranger(seq: int, head: str = "ab" * 32) -> bytes:
    """A line that the log never had."""
    body = event_body(NOW, "info", "upload", "a1b2c3d4", "Never happened", {}, seq)
    return chained([body], head)[0]


def joined(lines: Sequence[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def edits(lines: Lines, other: Lines, chance: Random) -> Iterator[tuple[str, Lines]]:
    """Everything above at every place, with its name; `other` is another log of as many lines."""
    count = len(lines)
    for at in range(count):
        one, two = sorted(chance.sample(range(count), 2))
        for some in (1, 2, 5):
            yield f"{some} deleted at {at}", deleted(lines, at, some)
        yield f"an empty line at {at}", inserted(lines, at, b"")
        yield f"garbage at {at}", inserted(lines, at, b"\xff\xfe")
        yield f"a stranger at {at}", inserted(lines, at, stranger(at))
        yield f"line {one} copied to {at}", inserted(lines, at, lines[one])
        yield f"line {at} doubled", inserted(lines, at, lines[at])
        yield f"line {at} swapped with the next", swapped(lines, at, min(at + 1, count - 1))
        yield f"lines {one} and {two} swapped", swapped(lines, one, two)
        yield f"lines {one} to {two} turned", turned(lines, one, two - one + 1)
        yield f"spliced with another log at {at}", [*lines[:at], *other[at:]]
        yield f"spliced with a later line of another log at {at}", [*lines[:at], *other[at + 3 :]]
        yield f"spliced with an earlier line of another log at {at}", [*lines[:at], *other[max(at - 3, 0) :]]
        yield f"rewritten from {at} on", rewritten(lines, at)


_NUMBER = re.compile(rb'"(?:seq|last|lost|lost_from|lost_to|part|pid|repaired_bytes|known|events)":([0-9]+)')


def digits(data: bytes) -> list[int]:
    """The places of the digits of all numbers that mean something."""
    return [place for found in _NUMBER.finditer(data) for place in range(*found.span(1))]


def draw(chance: Random, data: bytes, other: Lines) -> tuple[str, bytes]:
    """`data` with any one damage, and its name."""
    lines = data.split(b"\n")[:-1] or [b""]
    one, two = sorted(chance.choices(range(len(lines)), k=2))
    byte, bit = chance.randrange(max(len(data), 1)), chance.randrange(8)
    size = chance.choice((1, 2, 30, 300, 3000))
    match chance.randrange(9):
        case 0 if data:
            return f"bit {bit} of byte {byte} flipped", flipped(data, byte, bit)
        case 1:
            return f"lines {one} to {two} deleted", joined(deleted(lines, one, two - one + 1))
        case 2:
            return f"line {one} copied to {two}", joined(inserted(lines, two, lines[one]))
        case 3:
            return f"lines {one} and {two} swapped", joined(swapped(lines, one, two))
        case 4:
            return f"lines {one} to {two} turned", joined(turned(lines, one, two - one + 1))
        case 5:
            return f"cut to {byte} bytes", data[:byte]
        case 6:
            return f"{size} zeros at {byte}", data[:byte] + bytes(size) + data[byte + size :]
        case 7:
            return f"{size} bytes put in at {byte}", data[:byte] + chance.randbytes(size) + data[byte:]
        case _:
            return f"spliced with line {two} of another log at {one}", joined([*lines[:one], *other[two:]])
