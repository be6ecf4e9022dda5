"""What a line of a log says, as far as one can ask for it. Pure.

- A line is judged by itself: whether it fits the chain is `verify`'s business.
- Its extras are shown, and searched, as `name=value`; texts as they are, everything else as the log's JSON.
"""

from dataclasses import dataclass, field
from typing import Literal

import msgspec

from shared.chain import RESERVED


class Line(msgspec.Struct, frozen=True, gc=False):
    """The keys that every line has, and what tells an event from a record of the sidecar (which has no `seq`)."""

    ts: str
    level: str
    category: str
    session: str
    message: str
    prev: str
    seq: int | None = None
    last: int | None = None


class Opening(msgspec.Struct, frozen=True):
    """The first line of a part; `continues` says why it does not go on from the last line before it, if so."""

    category: Literal["audit"]
    ts: str
    run: str
    part: int
    last: int
    prev: str
    continues: str | None = None


_decode = msgspec.json.Decoder(Line).decode
_decode_opening = msgspec.json.Decoder(Opening).decode
_decode_keys = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_text = msgspec.json.Decoder(str).decode


def read(raw: bytes) -> Line | None:
    """Read a line, given without its newline; None when it is no line of a log."""
    try:
        line = _decode(str(raw, "utf-8"))
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError):
        # The caller counts it; `verify` says what is wrong with it.
        return None
    return line if (line.seq is None) != (line.last is None) else None


def read_opening(raw: bytes) -> Opening | None:
    """Read the first line of a part; None when it is no opening line."""
    try:
        return _decode_opening(raw)
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError):
        # What else it is says who reads the part.
        return None


def extras(raw: bytes) -> list[str]:
    """The extras of a line that `read` could read, as `name=value`."""
    return [f"{name}={_value(bytes(value))}" for name, value in _decode_keys(raw).items() if name not in RESERVED]


def _value(raw: bytes) -> str:
    return _decode_text(raw) if raw.startswith(b'"') else str(raw, "utf-8")


@dataclass(frozen=True)
class Filter:
    """What is asked for. An empty set or text asks for nothing in particular; times are in the log's form."""

    categories: frozenset[str] = field(default_factory=frozenset)
    levels: frozenset[str] = field(default_factory=frozenset)
    sessions: frozenset[str] = field(default_factory=frozenset)
    since: str = ""
    until: str = ""
    text: str = ""

    def takes(self, line: Line, raw: bytes) -> bool:
        """Whether the line `raw`, read as `line`, is asked for."""
        return (
            self.since <= line.ts
            and (not self.until or line.ts <= self.until)
            and _is_in(line.category, self.categories)
            and _is_in(line.level, self.levels)
            and _is_in(line.session, self.sessions)
            and self._has_text(line, raw)
        )

    def _has_text(self, line: Line, raw: bytes) -> bool:
        if not self.text:
            return True
        wanted = self.text.casefold()
        return any(wanted in text.casefold() for text in (line.message, *extras(raw)))


def _is_in(value: str, wanted: frozenset[str]) -> bool:
    return not wanted or value in wanted
