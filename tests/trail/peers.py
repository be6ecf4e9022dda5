"""A GUI's side of the wire without a GUI: says anything at all."""

import os
from datetime import UTC, datetime
from typing import Any

import msgspec
import psutil
import zmq

from shared.transport import Channel, places_at, read_places
from tests.support.processes import Pair
from tests.support.waiting import DEADLINE

pack = msgspec.msgpack.Encoder().encode
NOW = int(datetime.now(UTC).timestamp() * 1e6)
STRANGER = "20261123T153000Z-00000bad"


class Peer:
    """A raw socket that speaks to the sidecar."""

    def __init__(self, pair: Pair, kind: int, channel: Channel) -> None:
        self.context = zmq.Context()
        self.socket: zmq.Socket[bytes] = self.context.socket(kind)
        self.socket.set(zmq.SNDTIMEO, int(DEADLINE * 1000))
        places = read_places(pair.run_dir) if pair.transport == "tcp" else places_at(pair.run_dir)
        places.connect(self.socket, channel)

    def send(self, *messages: object) -> None:
        for message in messages:
            self.socket.send(message if isinstance(message, bytes) else pack(message))

    def close(self) -> None:
        self.context.destroy(linger=0)


def hello(
    run: object, *, version: object = 1, started: object = None, seq: object = 0, pid: object = None
) -> list[Any]:
    me = psutil.Process(os.getpid())
    return ["hello", run, version, pid or me.pid, me.create_time() if started is None else started, seq]


def event(run: object, seq: object, **changed: object) -> list[Any]:
    fields: dict[str, object] = {
        "ts": NOW, "level": "info", "category": "nav", "session": "", "message": "poison", "extra": {},
    }  # fmt: skip
    return ["event", run, seq, *(fields | changed).values()]


def refused(pair: Pair) -> int:
    code, printed, _ = pair.run("-m", "sidecar", "status")
    assert code == 0
    [line] = [line for line in printed if "refused" in line]
    return int(line.split(", ")[-1].split()[0].replace(",", ""))
