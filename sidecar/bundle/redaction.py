"""Lines of a log without what is nobody else's business. Pure.

A redacted line is a copy that no longer fits the chain; what `verify` said of the original goes with it.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

import msgspec

REDACTED = "<redacted>"
UNREADABLE = b'{"message":"<redacted: this line cannot be read>"}'

FILE_FIELDS = frozenset({"filename", "file", "file_name", "path"})
_FILE_NAME = re.compile(r"\S+\.(?:csv|tsv|txt|xlsx|xls|jsonl|zip)\b", re.IGNORECASE)

_decode = msgspec.json.Decoder(dict[str, object]).decode
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Redaction:
    """What is taken out: the values of `fields`, at any depth, and with `file_names` whatever is a file's name."""

    fields: frozenset[str] = frozenset()
    file_names: bool = False

    def __bool__(self) -> bool:
        return bool(self.fields) or self.file_names

    def __call__(self, line: bytes) -> bytes:
        """Return `line`, which comes without its newline, without what is taken out."""
        try:
            record = _decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            # A name may stand anywhere in it.
            return UNREADABLE
        names = self.fields | FILE_FIELDS if self.file_names else self.fields
        taken: set[str] = set()
        redacted = _without(record, names, taken)
        if self.file_names:
            redacted = _without_names(redacted, taken)
        return _encode(redacted)


def _without(value: object, names: Collection[str], taken: set[str]) -> object:
    if isinstance(value, dict):
        found: dict[str, object] = {}
        for name, inner in value.items():
            if name in names:
                taken.update([inner] if isinstance(inner, str) else ())
                found[name] = REDACTED
            else:
                found[name] = _without(inner, names, taken)
        return found
    return [_without(inner, names, taken) for inner in value] if isinstance(value, list) else value


def _without_names(value: object, taken: set[str]) -> object:
    if isinstance(value, str):
        # Longest first: one name may be the beginning of another.
        for name in sorted(filter(None, taken), key=len, reverse=True):
            value = value.replace(name, REDACTED)
        return _FILE_NAME.sub(REDACTED, value)
    if isinstance(value, dict):
        return {name: _without_names(inner, taken) for name, inner in value.items()}
    return [_without_names(inner, taken) for inner in value] if isinstance(value, list) else value
