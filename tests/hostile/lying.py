"""What may be published on `acks`, or answered on `ask`, by something that is no sidecar, or one that lies."""

import math
from typing import Any

import msgspec

from shared.wire import Ack, Heartbeat, Status, encode

pack = msgspec.msgpack.Encoder().encode
# A terminal would act on it; so would Markdown.
STEERING = "\x1b[2J\x1b]0;x\x07\n\u202e ![](http://127.0.0.1/x.png) :red[lost] **all** `"
NOW = 1_795_447_800_123_456


def ack(run: str, **changed: object) -> list[Any]:
    fields: dict[str, object] = {
        "durable": 0, "wanted": 0, "sidecar": "0badcafe", "lost": 0, "head": "", "part": 1, "notice": "",
    }  # fmt: skip
    return ["ack", run, *(fields | changed).values()]


def heartbeat(**changed: object) -> list[Any]:
    fields: dict[str, object] = {
        "sidecar": "0badcafe", "state": "recording", "since": NOW, "reason": "", "directory": "/logs", "file": "", "pid": 1,
        "started": NOW, "events": 0, "lost": 0, "runs": 0, "refused": 0, "queued_bytes": 0,
    }  # fmt: skip
    return ["heartbeat", *(fields | changed).values()]


def refused(run: str) -> list[list[bytes]]:
    """Messages that a GUI must not listen to."""
    odd: list[object] = [
        ack(run, durable=2**63), ack(run, durable=-1), ack(run, durable="1"), ack(run, durable=math.nan),
        # Of an event that was never logged.
        ack(run, durable=2**63 - 1),
        ack(run, wanted=-1), ack(run, wanted=2**64 - 1), ack(run, part=-1), ack(run, part=2**40), ack(run, part="../x"),
        ack(run, head="no hash"), ack(run, head="0" * 63 + "\n"), ack(run, head="0" * 65), ack(run, head=STEERING),
        ack(run, lost=-1), ack(run, sidecar="x" * 300), ack("../../etc/passwd"), ack(run)[:3],
        heartbeat(since=2**63), heartbeat(since=-(2**63)), heartbeat(started=2**62), heartbeat(state="x" * 300),
        heartbeat(state=None), heartbeat()[:5], ["goodbye"], [STEERING * 100], None, {}, [], 7, "text",
    ]  # fmt: skip
    topic = run.encode()
    frames = [
        *map(pack, odd),
        b"",
        b"\xc1",
        b"\xff" * 300,
        b"\x91" * 60_000,
        pack(ack(run, notice="aaaa")).replace(b"aaaa", b"\xff\xfe\xff\xfe"),
    ]
    good = pack(ack(run))
    several = [[topic], [topic, good, good], [topic, b"", good[:3]], [topic, *[b"x"] * 1_000]]
    return [*([topic, frame] for frame in frames), *several, [b"status" + b"x" * 60_000, b""]]


def lies(run: str) -> list[list[bytes]]:
    """Well-formed, and untrue: they may be shown, and must not steer what shows them."""
    return [
        [run.encode(), encode(Ack(run, 0, 1, STEERING[:200], 2**63 - 1, "0" * 64, 999_999_999, STEERING))],
        [run.encode(), encode(Ack(run, 0, 2**63 - 1, "0badcafe"))],
        [b"status", encode(beat())],
    ]


def beat() -> Heartbeat:
    most = 2**63 - 1
    return Heartbeat(
        STEERING[:200], STEERING[:200], NOW, STEERING, STEERING, STEERING, most, -NOW, most, most, most, most, most
    )


def answers(request: bytes) -> list[list[bytes]]:
    """To the question with this `request` id: none of them is its answer."""
    good = encode(Status(beat(), []))
    return [
        [request], [good], [b"", good], [request[:-1], good], [request, good, good], [request, b""], [request, b"\xc1"],
        [request, good[:-1]], [request, good + b"\x00"], [request, b"\x91" * 60_000], [request, pack(heartbeat())],
        [request, good.replace(b"x.png", b"\xff.png")], [request, pack(["status", heartbeat(), [["run"]]])], [b"x"] * 1_000,
    ]  # fmt: skip
