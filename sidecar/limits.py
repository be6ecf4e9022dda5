"""How large a part of a log grows, and how much of what is closed is kept. Read from the environment once, at the start."""

from collections.abc import Mapping
from typing import NamedTuple

from shared.errors import SettingsError

PART_BYTES_VARIABLE = "DATATOOLS_AUDIT_PART_BYTES"
KEEP_DAYS_VARIABLE = "DATATOOLS_AUDIT_KEEP_DAYS"
KEEP_BYTES_VARIABLE = "DATATOOLS_AUDIT_KEEP_BYTES"

# Large enough for a day of hard work, small enough for a mail.
PART_BYTES = 64 * 1024 * 1024
# An opening line and an event of usual size; less would make a file of each.
LEAST_PART_BYTES = 1024


class Limits(NamedTuple):
    """After `part_bytes` a log goes on in its next part.

    Closed logs are deleted when they are older than `keep_days`, and the oldest when all of them take more than
    `keep_bytes`; 0: never.
    """

    part_bytes: int = PART_BYTES
    keep_days: int = 0
    keep_bytes: int = 0


DEFAULT_LIMITS = Limits()


def read_limits(environ: Mapping[str, str]) -> Limits:
    """Return the limits of these settings. Raises SettingsError for one that is no number or makes no sense."""
    return Limits(
        _number(environ, PART_BYTES_VARIABLE, PART_BYTES, LEAST_PART_BYTES),
        _number(environ, KEEP_DAYS_VARIABLE, 0, 1),
        _number(environ, KEEP_BYTES_VARIABLE, 0, 1),
    )


def _number(environ: Mapping[str, str], name: str, default: int, least: int) -> int:
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or not text.isascii() or int(text) < least:
        raise SettingsError(f"{name} is {text!r}. Set it to a whole number of at least {least}, or leave it out.")
    return int(text)
