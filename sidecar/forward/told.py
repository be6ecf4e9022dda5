"""What the sidecar tells the forwarder, and hears from it: frames of MessagePack on two pipes."""

import msgspec
from msgspec import Struct

from shared.wire import Forwarding, Part, RunId
from sidecar.forward.extent import Told


class Durable(Struct, frozen=True, array_like=True):
    """`size` bytes of `part` of the log of `run` are durable, and all of the parts before."""

    run: RunId
    part: Part
    size: int


encode = msgspec.msgpack.Encoder().encode
decode_durable = msgspec.msgpack.Decoder(list[Durable]).decode
decode_forwarding = msgspec.msgpack.Decoder(Forwarding).decode


def told_of(frame: bytes) -> dict[str, Told]:
    """What a frame says of each run."""
    return {each.run: Told(each.part, each.size) for each in decode_durable(frame)}
