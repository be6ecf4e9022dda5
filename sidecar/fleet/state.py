"""What the server says of the stream itself, and what of that says something about deletions. Pure."""

from itertools import pairwise
from typing import NamedTuple

import msgspec

from sidecar.fleet.message import log_time
from sidecar.forward.api import ServerError

_NANOSECONDS = 1_000_000_000


class _Config(msgspec.Struct, frozen=True):
    max_age: int = 0
    max_msgs: int = -1
    max_bytes: int = -1
    max_msgs_per_subject: int = -1
    discard: str = "old"
    deny_delete: bool = False
    deny_purge: bool = False
    num_replicas: int = 1


class _State(msgspec.Struct, frozen=True):
    messages: int
    first_seq: int
    last_seq: int
    first_ts: str = ""
    last_ts: str = ""
    num_deleted: int = 0
    deleted: list[int] | None = None
    subjects: dict[str, int] | None = None


class _Info(msgspec.Struct, frozen=True):
    config: _Config | None = None
    state: _State | None = None
    created: str = ""
    ts: str = ""
    total: int = 0
    error: ServerError | None = None


class StreamState(NamedTuple):
    """The stream's messages by their sequence, its `first_stored` and `created` and the server's `now` in the log's form.

    `deleted` counts what is missing between `first` and `last`, `deleted_ranges` names it when it was asked for. `keeps_days`
    is 0 when nothing goes by age; `drops_old` says that the stream makes room for new messages by old ones.
    """

    messages: int
    first: int
    last: int
    first_stored: str
    created: str
    now: str
    deleted: int
    deleted_ranges: list[tuple[int, int]]
    keeps_days: float
    drops_old: bool
    is_protected: bool
    replicas: int


_decode = msgspec.json.Decoder(_Info).decode


def read_state(answer: bytes) -> tuple[StreamState | None, ServerError]:
    """What an answer to STREAM.INFO or STREAM.CREATE says: the state, or why there is none. Raises `UNDECODABLE`."""
    info = _decode(answer)
    config, state = info.config, info.state
    if info.error or config is None or state is None:
        return None, info.error or ServerError(description="an answer without a state")
    limited = max(config.max_msgs, config.max_bytes, 0) > 0 and config.discard == "old"
    return StreamState(
        state.messages,
        state.first_seq,
        state.last_seq,
        log_time(state.first_ts),
        log_time(info.created),
        log_time(info.ts),
        state.num_deleted,
        ranges(state.deleted or []),
        config.max_age / _NANOSECONDS / 86_400,
        limited or config.max_msgs_per_subject > 0,
        config.deny_delete and config.deny_purge,
        config.num_replicas,
    ), ServerError()


def read_subjects(answer: bytes) -> tuple[list[str], int]:
    """Of such an answer with subjects: these, and how many there are in all. Raises `UNDECODABLE`."""
    info = _decode(answer)
    return list((info.state.subjects if info.state else None) or ()), info.total


def ranges(numbers: list[int]) -> list[tuple[int, int]]:
    """`[3, 4, 7]` as `[(3, 4), (7, 7)]`."""
    ordered = sorted(set(numbers))
    breaks = [at for at, (before, number) in enumerate(pairwise(ordered), 1) if number != before + 1]
    starts = [0, *breaks] if ordered else []
    return [(ordered[start], ordered[end - 1]) for start, end in zip(starts, [*breaks, len(ordered)], strict=False)]
