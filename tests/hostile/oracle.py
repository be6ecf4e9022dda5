"""Which frames must be refused, by the words of the protocol alone: nothing here uses the project's own decoders."""

import re
from collections.abc import Callable
from typing import Any

import msgspec

_RUN = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}", re.ASCII)
_MOST = 2**63 - 1
_YEAR_1, _YEAR_9999 = -62_135_596_800_000_000, 253_402_300_799_999_999

Check = Callable[[Any], bool]


def _integer(least: int, most: int) -> Check:
    return lambda value: type(value) is int and least <= value <= most


def _text(longest: int) -> Check:
    return lambda value: type(value) is str and len(value) <= longest


def _is_run(value: object) -> bool:
    return type(value) is str and _RUN.fullmatch(value) is not None


def _is_extra(value: object) -> bool:
    return type(value) is dict and all(type(key) is str for key in value)


_number, _first = _integer(0, _MOST), _integer(1, _MOST)
_word = _text(200)

# Fields behind the tag. What comes behind these is a newer version's.
_FIELDS: dict[str, list[Check]] = {
    "hello": [
        _is_run,
        lambda version: version == 1 and type(version) is int,
        _integer(1, 2**31 - 1),
        lambda started: type(started) in {int, float},
        _number,
    ],
    "event": [_is_run, _first, _integer(_YEAR_1, _YEAR_9999), _word, _word, _word, _text(2**32), _is_extra],
    "skipped": [_is_run, _first, _first, _word],
    "alive": [_is_run, _number, lambda urgent: type(urgent) is bool],
    "bye": [_is_run, _number],
}


def must_refuse(frame: bytes) -> bool:
    """Whether a sidecar must refuse `frame`."""
    try:
        message = msgspec.msgpack.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # What is no MessagePack is no message.
        return True
    if type(message) is not list or not message or type(message[0]) is not str:
        return True
    checks = _FIELDS.get(message[0])
    fields = message[1:]
    if checks is None or len(fields) < len(checks):
        return True
    return not all(check(field) for check, field in zip(checks, fields, strict=False))
