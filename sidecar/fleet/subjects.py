"""Which line of which run of which machine a message holds, by its subject and its id. Pure."""

from typing import NamedTuple

from shared.naming import is_run_id
from sidecar.forward.subject import parse_message_id


class Place(NamedTuple):
    """A line of a log: `line` counts from 1 within its part. They sort as the lines stand in the log."""

    part: int
    line: int


def host_and_run(subject: str, prefix: str) -> tuple[str, str] | None:
    """The machine and the run of a subject, None when it is not one of ours."""
    before, _, rest = subject.partition(f"{prefix}.")
    host, _, run = rest.partition(".")
    return (host, run) if not before and host and is_run_id(run) else None


def place_of(message_id: str, host: str, run: str) -> Place | None:
    """The line of a machine's `run` that an id names; None for an id of another one's, or of no line."""
    found = parse_message_id(message_id)
    return Place(found.part, found.line) if found is not None and found[:2] == (host, run) else None
