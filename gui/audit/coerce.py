"""Turns whatever a caller hands over into what JSON can say, in bounded time and size. Pure.

- Never raises, never drops: what cannot be said is described, what is cut is marked `"truncated": true`.
- A long string is sliced before anything else is done to it.
- Containers are copied by their base type's own iterator, so a subclass cannot run code or change under the walk.
- Nothing of Streamlit's is formatted: its proxies can raise RerunException from any access.
- What has a secret's name is not even looked at; what looks like one is masked before anything is cut.
"""

import datetime as dt
import itertools
import math
import os
from collections.abc import Mapping, Sized

from gui.audit.masking import MASKED, MAX_JUDGED, hides, mask_text, may_hold_secret

MAX_DEPTH = 16
MAX_NODES = 1_000
MAX_BYTES = 16 * 1024
MAX_MESSAGE = 4 * 1024
MAX_KEY = 100
MAX_WORD = 64
# How much of a text is looked at for secrets: a login that the end of an event cuts must be seen whole.
MAX_LOOKED = MAX_BYTES + 2_000
# str() of a longer one is quadratic, and refused by Python beyond 4300 digits.
MAX_INT_BITS = 4_096

_DATE_TYPES = (dt.date, dt.time)
# Of punctuation and numbers.
_NODE_BYTES = 8
_INT_MIN, _INT_MAX = -(2**63), 2**64 - 1


def coerce_extra(extra: Mapping[str, object]) -> dict[str, object]:
    """Return `extra` as a dictionary of JSON values, at most 16 deep, 1,000 nodes and 16 KiB."""
    walk = _Walk()
    try:
        coerced = walk.mapping(extra, 0)
    except (RecursionError, MemoryError):
        # The caller stands at the edge of its stack or memory: the event itself is still worth having.
        return {"truncated": True}
    if walk.truncated:
        if "truncated" in coerced:
            coerced[_free("truncated", coerced)] = coerced["truncated"]
        coerced["truncated"] = True
    return coerced


def coerce_text(value: object, limit: int) -> str:
    """Return `value` as text of at most `limit` characters."""
    return _cut(mask_text(_Walk().text(value)), limit)


class _Walk:
    """One walk over one event's extras; remembers what is left of its bounds."""

    __slots__ = ("bytes_left", "nodes_left", "truncated")

    def __init__(self) -> None:
        self.bytes_left = MAX_BYTES
        self.nodes_left = MAX_NODES
        self.truncated = False

    def value(self, value: object, depth: int) -> object:
        kind = type(value)
        if kind is str:
            return self.string(value)  # type: ignore[arg-type]  # kind says so
        if value is None or kind is bool:
            return value
        if kind is int:
            return self.integer(value)  # type: ignore[arg-type]  # kind says so
        if kind is float:
            return value if math.isfinite(value) else str(value)  # type: ignore[arg-type]  # kind says so
        try:
            return self.other(value, depth)
        except BaseException:  # noqa: BLE001 - whatever a value's own code raises, the event is logged without it
            return self.string(_unprintable(value))

    def other(self, value: object, depth: int) -> object:
        if isinstance(value, dict):
            return self.mapping(value, depth + 1) if depth < MAX_DEPTH else self.too_deep()
        if isinstance(value, list | tuple):
            return self.sequence(value, depth + 1) if depth < MAX_DEPTH else self.too_deep()
        if isinstance(value, int) and type(value).__module__ != "enum":
            return self.integer(int.__index__(value))
        if isinstance(value, float):
            return self.value(float.__float__(value), depth)
        if type(value).__module__ == "numpy" and getattr(value, "shape", None) == ():
            return self.numpy_scalar(value, depth)
        return self.string(self.text(value))

    def numpy_scalar(self, value: object, depth: int) -> object:
        kind = value.dtype.kind  # type: ignore[attr-defined]  # numpy's scalars have it
        if kind in "biu":
            return self.value(int(value) if kind != "b" else bool(value), depth)  # type: ignore[call-overload]
        if kind == "f":
            return self.value(float(value), depth)  # type: ignore[arg-type]  # a long double has no other way
        # Dates and complex numbers; whatever else there is may be of any length.
        return self.string(str(value) if kind in "mMc" else self.text(value))

    def mapping(self, value: Mapping[str, object], depth: int) -> dict[str, object]:
        items = dict.items(value) if isinstance(value, dict) else value.items()
        coerced: dict[str, object] = {}
        for key, item in list(itertools.islice(items, self.nodes_left + 1)):
            if not self.take_node():
                break
            whole = key if type(key) is str else self.text(key)
            name = self.string(self.cut(mask_text(whole[:MAX_LOOKED]), MAX_KEY))
            if name in coerced:
                name = _free(name, coerced)
                self.bytes_left -= 4  # its number
            coerced[name] = MASKED if hides(whole[:MAX_JUDGED], item) else self.value(item, depth)
        return coerced

    def sequence(self, value: list[object] | tuple[object, ...], depth: int) -> list[object]:
        items = list.__iter__(value) if isinstance(value, list) else tuple.__iter__(value)
        coerced: list[object] = []
        taken = list(itertools.islice(items, self.nodes_left + 1))
        match taken:
            case [str() | bytes() as name, item] if hides(self.text(name)[:MAX_JUDGED], item):
                # As headers come: ("Authorization", "Bearer …").
                taken[1] = MASKED
        for item in taken:
            if not self.take_node():
                break
            coerced.append(self.value(item, depth))
        return coerced

    def take_node(self) -> bool:
        if self.nodes_left == 0 or self.bytes_left <= 0:
            self.truncated = True
            return False
        self.nodes_left -= 1
        self.bytes_left -= _NODE_BYTES
        return True

    def too_deep(self) -> str:
        self.truncated = True
        return "…"

    def cut(self, text: str, limit: int) -> str:
        if len(text) > limit:
            self.truncated = True
        return _cut(text, limit)

    def integer(self, value: int) -> int | str:
        return value if _INT_MIN <= value <= _INT_MAX else self.string(_integer_text(value))

    def string(self, value: str) -> str:
        if len(value) > MAX_LOOKED:
            value = value[:MAX_LOOKED]
            self.truncated = True
        if may_hold_secret(value):
            looked, value = len(value), mask_text(value)
            # Looking takes time: what is masked counts for what it was.
            self.bytes_left -= max(looked - len(value), 0)
        if len(value) > self.bytes_left:
            value = value[: max(self.bytes_left, 0)]
            self.truncated = True
        if value.isascii():
            self.bytes_left -= len(value)
            return value
        encoded = value.encode("utf-8", "backslashreplace")
        if len(encoded) > self.bytes_left:
            self.truncated = True
            encoded = encoded[: max(self.bytes_left, 0)]
        self.bytes_left -= len(encoded)
        return encoded.decode("utf-8", "ignore")

    def text(self, value: object) -> str:
        """Readable text of anything, sliced to what may still be used, without formatting large contents."""
        try:
            return str.__str__(self.describe(value))
        except BaseException:  # noqa: BLE001 - as in value()
            return _unprintable(value)

    def describe(self, value: object) -> str:
        if isinstance(value, str):
            return str.__getitem__(value, slice(0, MAX_LOOKED))
        if isinstance(value, bytes | bytearray | memoryview):
            if len(value) > MAX_BYTES:
                self.truncated = True
            return bytes(value[:MAX_LOOKED]).decode("utf-8", "backslashreplace")
        if isinstance(value, set | frozenset):
            return self.describe_set(value)
        if type(value) is int:
            return _integer_text(value)
        if isinstance(value, _DATE_TYPES):
            return value.isoformat()
        if isinstance(value, os.PathLike):
            return os.fsdecode(os.fspath(value))
        return self.describe_object(value)

    def describe_object(self, value: object) -> str:
        if type(value).__module__.partition(".")[0] == "streamlit":
            return f"<{type(value).__name__}>"
        if hasattr(type(value), "shape") or hasattr(type(value), "__array__"):
            return _shape(value)
        if isinstance(value, Sized) and (length := len(value)) > MAX_NODES:
            self.truncated = True
            return f"<{type(value).__name__} of {length}>"
        return str(value)[:MAX_LOOKED]

    def describe_set(self, value: set[object] | frozenset[object]) -> str:
        shown = list(itertools.islice(value, 100))
        more = len(value) - len(shown)
        if more:
            self.truncated = True
        texts = sorted(_cut(mask_text(self.text(item)), MAX_KEY) for item in shown)
        return "{" + ", ".join([*texts, f"… {more} more"] if more else texts) + "}"


def _cut(text: str, limit: int) -> str:
    safe = text[: limit + 1]
    if not safe.isascii():
        safe = safe.encode("utf-8", "backslashreplace").decode()
    return safe if len(safe) <= limit else f"{safe[: limit - 1]}…"


def _integer_text(value: int) -> str:
    bits = value.bit_length()
    return str(value) if bits <= MAX_INT_BITS else f"<integer of {bits} bits>"


def _shape(value: object) -> str:
    shape = getattr(value, "shape", ())
    size = "×".join(str(length) for length in shape) if isinstance(shape, tuple) else ""
    return f"<{type(value).__name__} {size}>" if size else f"<{type(value).__name__}>"


def _unprintable(value: object) -> str:
    # Past the metaclass, which may have a name of its own making.
    name: str = type.__dict__["__name__"].__get__(type(value))
    return f"<unprintable {name[:MAX_KEY]}>"


def _free(name: str, taken: dict[str, object]) -> str:
    number = len(taken)
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"
