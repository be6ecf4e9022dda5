"""Subjects and message ids: which line of which run of which machine a message holds. Pure.

- A line goes to `<prefix>.<host>.<run>`, and its header `Nats-Msg-Id` says `<run>.<part>.<line>`; both count from 1.
"""

import re
from typing import NamedTuple

from shared.naming import MAX_PART, is_run_id

_ID = re.compile(r"(?P<run>[^.]+)\.(?P<part>[1-9][0-9]{0,8})\.(?P<line>[1-9][0-9]{0,17})", re.ASCII)
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


class Place(NamedTuple):
    """A line of a log: `line` counts from 1 within its part. They sort as the lines stand in the log."""

    part: int
    line: int


def host_token(name: str) -> str:
    """A host's name as one token of a subject: what else than letters, digits, `_` and `-` is in it becomes `-`."""
    return _UNSAFE.sub("-", name).strip("-") or "host"


def host_and_run(subject: str, prefix: str) -> tuple[str, str] | None:
    """The machine and the run of a subject, None when it is not one of ours."""
    before, _, rest = subject.partition(f"{prefix}.")
    host, _, run = rest.partition(".")
    return (host, run) if not before and host and is_run_id(run) else None


def place_of(message_id: str, run: str) -> Place | None:
    """The line of `run` that an id names; None for an id of another run, or of no line."""
    match = _ID.fullmatch(message_id)
    if match is None or match["run"] != run or int(match["part"]) > MAX_PART:
        return None
    return Place(int(match["part"]), int(match["line"]))
