"""Builds a value as bytes say, and hands it to the coercion as a GUI does."""

import datetime as dt
import decimal
import uuid
from collections import OrderedDict, deque
from collections.abc import Callable
from pathlib import Path

import msgspec

from gui.audit.coerce import coerce_extra
from gui.audit.frame import encode_event
from shared.wire import MAX_FRAME, Event, decode_upstream
from tests.audit.odd import HostileDict, HostileList, HostileText, Saying, bottomless, raiser
from tests.log.bench import RUN

# Nobody waits for more.
MOST_STEPS = 3_000

_SCALARS: list[Callable[[bytes], object]] = [
    lambda _: None,
    bool,
    lambda raw: int.from_bytes(raw, "big", signed=True),
    lambda raw: 10 ** (5 * len(raw)),
    lambda raw: float(int.from_bytes(raw[:8], "big")) * float("1e300"),
    lambda _: float("nan"),
    lambda raw: raw.decode("utf-8", "surrogateescape"),
    lambda raw: raw.decode("utf-16-le", "surrogatepass") if len(raw) % 2 == 0 else raw.decode("latin-1"),
    lambda raw: raw.decode("latin-1") * 1_000,
    lambda raw: raw,
    bytearray,
    memoryview,
    lambda raw: Path(raw.decode("latin-1")),
    lambda raw: decimal.Decimal(int.from_bytes(raw[:16], "big")),
    lambda raw: uuid.UUID(bytes=raw[:16].ljust(16, b"\0")),
    lambda raw: dt.datetime.fromordinal(1 + int.from_bytes(raw[:2], "big")).replace(tzinfo=dt.UTC),
    lambda raw: dt.timedelta(days=int.from_bytes(raw[:3], "big")),
    lambda raw: complex(len(raw), float("inf")),
    lambda raw: Saying(lambda: raw),
    lambda raw: Saying(lambda: raw.decode("latin-1") * 10_000),
    lambda _: Saying(bottomless),
    lambda _: Saying(raiser(KeyboardInterrupt())),
    lambda raw: HostileText(raw.decode("latin-1")),
    lambda raw: range(len(raw) ** 4),
    lambda _: ...,
    type,
]
_CONTAINERS: list[Callable[[list[object]], object]] = [
    list,
    tuple,
    lambda items: dict(enumerate(items)),
    lambda items: {_key(key): value for key, value in zip(items[::2], items[1::2], strict=False)},
    lambda items: OrderedDict({str(type(item)): item for item in items}),
    HostileList,
    lambda items: HostileDict({"k": items}),
    deque,
    lambda items: {_key(item) for item in items},
    lambda items: [[items] * 50] * 50,
]


def coerce_anything(data: bytes) -> tuple[bytes, Event]:
    """The frame that a GUI sends of it, and the event that the sidecar finds in that."""
    value = _Builder(data).build()
    text = data.decode("utf-8", "surrogateescape")
    named = (
        value if type(value) is dict and all(type(key) is str for key in value) else {"value": value, text[:200]: text}
    )
    extra = coerce_extra(named)
    frame = encode_event(RUN, 7, 0, value, text, "", value, named)
    assert len(frame) <= MAX_FRAME
    found = decode_upstream(frame)
    assert isinstance(found, Event)
    assert found.extra == extra
    assert msgspec.json.decode(msgspec.json.encode(extra)) == extra
    return frame, found


class _Builder:
    """A stack machine: each byte makes a value of some bytes behind it, or puts values together."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def build(self) -> object:
        stack: list[object] = []
        for _ in range(MOST_STEPS):
            if self._at >= len(self._data):
                break
            operation = self._take(1)[0]
            if operation < 160:
                stack.append(_SCALARS[operation % len(_SCALARS)](self._take(operation // len(_SCALARS) * 3)))
            else:
                number = (operation - 160) // len(_CONTAINERS) + 1
                items, stack = stack[-number:], stack[:-number]
                stack.append(_CONTAINERS[operation % len(_CONTAINERS)](items))
        return stack[0] if len(stack) == 1 else stack

    def _take(self, number: int) -> bytes:
        taken = self._data[self._at : self._at + number]
        self._at += number
        return taken


def _key(value: object) -> object:
    """Something that may be a key."""
    try:
        hash(value)
    except TypeError:
        return repr(type(value))
    return value
