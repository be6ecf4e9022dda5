"""What a log may take: the size of its parts. Read from the environment once, at the start."""

from collections.abc import Mapping
from typing import NamedTuple

from shared.errors import SettingsError

PART_BYTES_VARIABLE = "DATATOOLS_AUDIT_PART_BYTES"

# Large enough for a day of hard work, small enough for a mail.
PART_BYTES = 64 * 1024 * 1024
# An opening line and an event of usual size; less would make a file of each.
LEAST_PART_BYTES = 1024


class Limits(NamedTuple):
    """After `part_bytes` a log goes on in its next part."""

    part_bytes: int = PART_BYTES


DEFAULT_LIMITS = Limits()


def read_limits(environ: Mapping[str, str]) -> Limits:
    """Return the limits of these settings. Raises SettingsError for one that is no number or makes no sense."""
    return Limits(_number(environ, PART_BYTES_VARIABLE, PART_BYTES, LEAST_PART_BYTES))


def _number(environ: Mapping[str, str], name: str, default: int, least: int) -> int:
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or not text.isascii() or int(text) < least:
        raise SettingsError(f"{name} is {text!r}. Set it to a whole number of at least {least}, or leave it out.")
    return int(text)
