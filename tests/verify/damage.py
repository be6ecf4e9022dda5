"""Damages to the lines of a log, by chance, and the lines in batches as a reader gives them."""

import random
from collections.abc import Iterator

from shared.chain import head_of
from tests.verify.logs import event, gap, sealed

STRANGE = [b"", b"{}", b"\xff", b"\0" * 40, b"[" * 3000, b"x" * 2000]


def damaged(lines: list[bytes], chance: random.Random) -> list[bytes]:
    lines = lines.copy()
    for _ in range(chance.choice([0, 1, 1, 2, 5])):
        at = chance.randrange(len(lines))
        match chance.randrange(7):
            case 0:
                del lines[at : at + chance.randrange(1, 4)]
            case 1:
                lines.insert(at, chance.choice([lines[at], *STRANGE]))
            case 2:
                lines[at], lines[-1] = lines[-1], lines[at]
            case 3:
                place = chance.randrange(max(len(lines[at]), 1))
                lines[at] = lines[at][:place] + bytes([chance.randrange(256)]) + lines[at][place + 1 :]
            case 4:
                lines[at:] = sealed([gap(at, at + 2), event(at + 3)], head_of(lines[at]))
            case 5:
                lines[at] = lines[at].replace(b'"seq":', chance.choice([b'"seq":1', b'"last":3,"seq":', b'"row":']))
            case _:
                # The right hash in a place that is not its own.
                lines[at] = b'{"prev":"%b",' % lines[at][-66:-2] + lines[at][1:-75] + b"}"
        if not lines:
            return [b""]
    return lines


def batches(lines: list[bytes], sizes: list[int], *, torn: bool) -> Iterator[tuple[list[bytes], bool]]:
    rest = lines[:-1] if torn else lines
    for size in sizes:
        yield rest[:size], True
        rest = rest[size:]
    yield rest, True
    if torn:
        yield lines[-1:], False
