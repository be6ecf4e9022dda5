"""Inputs to begin from, and those that once broke something."""

from itertools import islice

from shared.naming import log_name
from sidecar.compression import compressed
from tests.hostile.frames import EXTRAS, NO_TEXT, Generator, pack
from tests.hostile.targets import GOOD
from tests.log.bench import RUN

_LINES = b"".join(line + b"\n" for line in GOOD)

# What was found, by target; each broke the code of its day.
FOUND: dict[str, list[bytes]] = {
    # Written with the writer's stack, and too deep for a reader's.
    "extras": [b"\x81\xa4deep" + b"\x91" * depth + b"\x00" for depth in range(900, 1_000, 3)],
}


def seeds_of(target: str) -> list[bytes]:
    """Inputs that reach far into a target, for a fuzzer to begin from."""
    found = FOUND.get(target, [])
    match target:
        case "decoder":
            return [
                *found,
                *(frame.data for frame in islice(Generator(1, 1, 1.0).frames(), 300) if len(frame.data) < 1_000),
            ]
        case "extras":
            return [*found, *(data for data in map(pack, EXTRAS) if len(data) < 1_000), *NO_TEXT]
        case "compression":
            return [*found, b"".join(compressed([_LINES], len(_LINES)))]
        case "names":
            return [*found, RUN.encode(), log_name(RUN).encode(), log_name(RUN, 2).encode() + b".zst"]
        case "coercion":
            return [*found, bytes(range(256)), *(bytes([number]) * 40 for number in range(0, 256, 5))]
        case _:
            return [*found, *(line + b"\n" for line in GOOD), _LINES, _LINES[:-20], _LINES[::-1]]
