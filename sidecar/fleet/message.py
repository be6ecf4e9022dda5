"""A message of the stream as it is read, and what of its body counts here. Pure."""

import re
from typing import Literal, NamedTuple

import msgspec

_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z", re.ASCII)


class Message(NamedTuple):
    """One message. `stored` is when the server took it, in the log's form of times; `id` is empty when it has none."""

    sequence: int
    stored: str
    subject: str
    id: str
    body: bytes


class Attestation(msgspec.Struct, frozen=True):
    """That a run was alive at `ts`, and in how many minutes it is to say so again."""

    category: Literal["audit"]
    ts: str
    attested_minutes: int
    attested_events: int
    last: int


class _Opening(msgspec.Struct, frozen=True):
    category: Literal["audit"]
    run: str
    host: str
    last: int


_decode_attestation = msgspec.json.Decoder(Attestation).decode
_decode_opening = msgspec.json.Decoder(_Opening).decode


def log_time(text: str) -> str:
    """The server's time, RFC 3339 with up to nine digits, in the log's form; empty when it is none."""
    match = _TIME.fullmatch(text)
    return f"{match[1]}.{(match[2] or '')[:6]:0<6}Z" if match else ""


def attestation(body: bytes) -> Attestation | None:
    """What an attestation says, None for any other line."""
    if b'"attested_minutes":' not in body:
        return None
    try:
        return _decode_attestation(body)
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError):
        # An event may have an extra of that name.
        return None


def opening_host(body: bytes) -> str:
    """The machine that an opening line names, empty for any other line."""
    try:
        return _decode_opening(body).host
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError):
        # What it is instead says the check of the chain.
        return ""
