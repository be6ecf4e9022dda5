"""The wire, version 1: what GUI and sidecar say to each other, as MessagePack arrays with a tag.

- A field is only ever added at the end, with a default; a tag is never used again for something else. Whoever does not know
  a field or a tag goes on without it; only what cannot be told so makes a new version.
- Numbers and texts carry their bounds here, so that a frame that decodes is a frame that can be written.
- One decoder a direction, built once.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from shared.naming import MAX_PART

VERSION = 1

# Larger than any frame a GUI makes (16 KiB of extras and a bounded message); ZeroMQ drops a peer that sends more.
MAX_FRAME = 64 * 1024

# Reason of a gap: the GUI was told that these were on disk, and they are not.
MISSING = "acknowledged, then missing from the file"

# The `part` of an acknowledgement to a run whose Hello the sidecar has not heard.
UNKNOWN_RUN = 0

# The tag of an `Event`, which a GUI encodes as a tuple that begins with it: a Struct takes twice as long.
EVENT = "event"

MAX_SEQ = 2**63 - 1
Seq = Annotated[int, Meta(ge=1, le=MAX_SEQ)]
LastSeq = Annotated[int, Meta(ge=0, le=MAX_SEQ)]
RunId = Annotated[str, Meta(pattern=r"\A[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}\Z")]
# Microseconds since 1970 UTC, within the years 1 to 9999: what datetime can format.
Microseconds = Annotated[int, Meta(ge=-62_135_596_800_000_000, le=253_402_300_799_999_999)]
Word = Annotated[str, Meta(max_length=200)]
Head = Annotated[str, Meta(pattern=r"\A([0-9a-f]{64})?\Z")]
Part = Annotated[int, Meta(ge=0, le=MAX_PART)]

STATUS_TOPIC = b"status"
TAIL_TOPIC = b"tail"
STATUS_QUESTION = b"status"


class Hello(Struct, frozen=True, array_like=True, tag="hello"):
    """First on every connection and rewind. `started`: when the process `pid` began; `seq`: last number given out.

    `durable` and `head` are those of the last acknowledgement, if there was one: with them, a log that somebody rewrote
    while no sidecar ran is told from what was written.
    """

    run: RunId
    version: int
    pid: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    started: float
    seq: LastSeq
    durable: LastSeq = 0
    head: Head = ""


class Event(Struct, array_like=True, tag=EVENT, gc=False):
    """One logged event. `ts` is the GUI's clock at the call; `extra` holds only what JSON can say.

    `run` is looked up among the runs that said Hello, whose id was checked there.
    """

    run: str
    seq: Seq
    ts: Microseconds
    level: Word
    category: Word
    session: Word
    message: str
    extra: dict[str, object]


class Skipped(Struct, frozen=True, array_like=True, tag="skipped"):
    """The GUI no longer holds `first` to `last` and never will again."""

    run: RunId
    first: Seq
    last: Seq
    reason: Word


class Alive(Struct, frozen=True, array_like=True, tag="alive"):
    """`seq` is the last number sent before this frame; `urgent` asks for an acknowledgement at once."""

    run: RunId
    seq: LastSeq
    urgent: bool


class Bye(Struct, frozen=True, array_like=True, tag="bye"):
    """The run ends here; `seq` is the last number it gave out."""

    run: RunId
    seq: LastSeq


class Ack(Struct, frozen=True, array_like=True, tag="ack"):
    """Everything through `durable` is fsynced. `wanted`, unless 0, is the number to send again from.

    `sidecar` names the instance (8 hex), `lost` counts the numbers inside gap records on disk, `head` is the hash of
    the log's last durable line, `part` the file it stands in, or UNKNOWN_RUN; `notice` is what somebody did to the log
    and what the sidecar did about it, empty for nothing.
    """

    run: RunId
    durable: LastSeq
    wanted: LastSeq
    sidecar: Word
    lost: LastSeq = 0
    head: Head = ""
    part: Part = 1
    notice: str = ""


class Forwarding(Struct, frozen=True, array_like=True):
    """How far the forwarding of lines to another machine is.

    `state` is one of `connecting`, `forwarding` or `stopped`, `since` in microseconds since 1970 UTC, `reason` why.
    `target` is where they go, without its secrets. `waiting` counts lines, `uncounted` the bytes behind them whose lines were
    not counted yet, `forwarded` the lines since the sidecar began, `missed` the logs that were deleted or changed before they
    were forwarded, and `notice` tells of the last of them.
    """

    target: str
    state: Word
    since: Microseconds
    reason: str = ""
    waiting: int = 0
    uncounted: int = 0
    forwarded: int = 0
    missed: int = 0
    notice: str = ""


class Heartbeat(Struct, frozen=True, array_like=True, tag="heartbeat"):
    """State of the sidecar, every 0.5 s and at once on a change.

    `state` is one of `recording`, `stalled` (a file-system call has been in progress for over 1 s), `failing` (the last
    one raised and is tried again) or `stopping`. `since` is in microseconds since 1970 UTC; `reason` and `file` say
    what and where. `refused` counts frames, and the `peers` among them: connections without the keys. `version` is the
    one it speaks: it records no run that speaks another. `turned_away` counts questions that were none, or too many at once.
    `forwarding` is None where no line is to be forwarded.
    """

    sidecar: Word
    state: Word
    since: Microseconds
    reason: str
    directory: str
    file: str
    pid: int
    started: Microseconds
    events: int
    lost: int
    runs: int
    refused: int
    queued_bytes: int
    peers: int = 0
    version: int = 1
    turned_away: int = 0
    forwarding: Forwarding | None = None


class RunStatus(Struct, frozen=True, array_like=True):
    """One open run as `status` tells it."""

    run: str
    pid: int
    durable: int
    lost: int
    head: str
    file: str
    notice: str = ""


class Status(Struct, frozen=True, array_like=True, tag="status"):
    """The answer to the question `status`."""

    heartbeat: Heartbeat
    runs: list[RunStatus]


Upstream = Hello | Event | Skipped | Alive | Bye
Downstream = Ack | Heartbeat

encode = msgspec.msgpack.Encoder().encode
_upstream: msgspec.msgpack.Decoder[Upstream] = msgspec.msgpack.Decoder(Upstream)
_status: msgspec.msgpack.Decoder[Status] = msgspec.msgpack.Decoder(Status)
_downstream: msgspec.msgpack.Decoder[Downstream] = msgspec.msgpack.Decoder(Downstream)


def renumber(frame: bytes, run: str, old: int, new: int) -> bytes:
    """Return the `frame` of an `Event` of `run` with the number `new` in place of `old`."""
    # One byte, which says how long the array is, then tag, run and number.
    at = 1 + len(encode(EVENT)) + len(encode(run))
    return frame[:at] + encode(new) + frame[at + len(encode(old)) :]


def decode_upstream(frame: bytes) -> Upstream:
    """Decode what a GUI sent. Raises msgspec.DecodeError (of which ValidationError is one) for anything else."""
    try:
        return _upstream.decode(frame)
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from error


def decode_downstream(frame: bytes) -> Downstream:
    """Decode what the sidecar published. Raises msgspec.DecodeError for anything else."""
    try:
        return _downstream.decode(frame)
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from error


def decode_status(frame: bytes) -> Status:
    """Decode the answer to `status`. Raises msgspec.DecodeError for anything else."""
    try:
        return _status.decode(frame)
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from error
