"""Subjects and message ids: where a line goes in the stream, and which one it is. Pure."""

import re
from typing import NamedTuple

from shared.naming import MAX_PART, is_run_id

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_ID = re.compile(
    r"(?P<host>[A-Za-z0-9_-]+)\.(?P<run>[0-9TZa-f-]{25})\.(?P<part>[1-9][0-9]{0,8})\.(?P<line>[1-9][0-9]{0,17})",
    re.ASCII,
)


class LineId(NamedTuple):
    """A line of a log, and the machine that sends it: `line` counts from 1 within its part."""

    host: str
    run: str
    part: int
    line: int


def host_token(name: str) -> str:
    """A host's name as one token of a subject: what else than letters, digits, `_` and `-` is in it becomes `-`."""
    return _UNSAFE.sub("-", name).strip("-") or "host"


def subject_of(prefix: str, host: str, run: str) -> str:
    """`audit.host.20261123T153000Z-a1b2c3d4`."""
    return f"{prefix}.{host}.{run}"


def message_id(host: str, run: str, part: int, line: int) -> str:
    """What the header Nats-Msg-Id says.

    The server looks for it among all subjects: without the host, of two machines' runs of one name one would lose lines.
    """
    return f"{host}.{run}.{part}.{line}"


def parse_message_id(text: str) -> LineId | None:
    """The line that an id names, None for an id that is not of this form."""
    match = _ID.fullmatch(text)
    if match is None or not is_run_id(match["run"]) or int(match["part"]) > MAX_PART:
        return None
    return LineId(match["host"], match["run"], int(match["part"]), int(match["line"]))
