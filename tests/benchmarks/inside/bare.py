"""The least that makes frames durable lines of a chain: receive, decode, encode, SHA-256, write, fsync; and who sends them."""

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from time import perf_counter

import msgspec
import zmq

from shared.wire import Event
from tests.benchmarks.alternatives.sending import FRAME
from tests.benchmarks.inside import Metrics

MOST_AT_ONCE = 4096
CREDIT = 5_000


def send(directory: str, events: int) -> Metrics:
    with zmq.Context() as context, context.socket(zmq.PUSH) as push:
        push.set(zmq.SNDHWM, CREDIT)
        push.connect(f"ipc://{directory}/bare")
        for _ in range(events):
            push.send(FRAME)
    return {}


def receive(directory: str, events: int) -> Metrics:
    decode = msgspec.msgpack.Decoder(Event).decode
    encode = msgspec.json.Encoder().encode
    head, taken, begun = "0" * 64, 0, 0.0
    with (
        zmq.Context() as context,
        context.socket(zmq.PULL) as pull,
        Path(directory, "bare.jsonl").open("ab", buffering=0) as file,
    ):
        pull.bind(f"ipc://{directory}/bare")
        print("ready", flush=True)
        while taken < events:
            frames = [pull.recv()]
            begun = begun or perf_counter()
            with suppress(zmq.Again):
                while len(frames) < MOST_AT_ONCE:
                    frames.append(pull.recv(zmq.DONTWAIT))
            lines = []
            for frame in frames:
                event = decode(frame)
                line = encode(
                    {
                        "ts": event.ts,
                        "level": event.level,
                        "category": event.category,
                        "session": event.session,
                        "message": event.message,
                        **event.extra,
                        "seq": event.seq,
                        "prev": head,
                    }
                )
                head = hashlib.sha256(line).hexdigest()
                lines.append(line)
            file.write(b"\n".join(lines) + b"\n")
            os.fsync(file.fileno())
            taken += len(frames)
        return {"per second": events / (perf_counter() - begun)}
