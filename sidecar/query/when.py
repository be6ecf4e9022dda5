"""Times as a user gives them, turned into the log's own form, which sorts as text. Pure.

- `2026-11-23`, `2026-11-23T15:30`, `2026-11-23 15:30:00.5+01:00`: a point in time; without a zone it is UTC, as in the log.
- `30s`, `15m`, `2h`, `7d`, `2w`: so long ago.
- A point names a span, the day or minute or second that it is written to: `since` begins with it, `until` ends with it.
"""

import re
from datetime import UTC, datetime, timedelta

from shared.chain import format_time

_POINT = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)"
    r"(?:[T ](?P<minute>\d\d:\d\d)(?:(?P<second>:\d\d)(?P<fraction>\.\d{1,6})?)?(?P<zone>Z|[+-]\d\d:?\d\d)?)?",
    re.ASCII,
)
_AGO = re.compile(r"(?P<number>\d{1,9})(?P<unit>[smhdw])", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def since(text: str, now: datetime) -> str:
    """The first moment meant. Raises ValueError, worded for the user."""
    begin, _ = _span(text, now)
    return _in_log(begin)


def until(text: str, now: datetime) -> str:
    """The last moment meant. Raises ValueError, worded for the user."""
    begin, span = _span(text, now)
    return _in_log(begin + (span - _MICROSECOND))


def earlier(moment: str, by: timedelta) -> str:
    """`moment`, in the log's form, less `by`; the empty text, which comes before all times, when there is none."""
    try:
        return _in_log(datetime.fromisoformat(moment) - by)
    except (ValueError, OverflowError):
        return ""


def later(moment: str, by: timedelta) -> str:
    """`moment`, in the log's form, and `by` more; the last of all times when there is none."""
    try:
        return _in_log(datetime.fromisoformat(moment) + by)
    except (ValueError, OverflowError):
        return _in_log(datetime.max.replace(tzinfo=UTC))


def _span(text: str, now: datetime) -> tuple[datetime, timedelta]:
    try:
        if ago := _AGO.fullmatch(text):
            return now - timedelta(**{_UNITS[ago["unit"]]: int(ago["number"])}), _MICROSECOND
        if point := _POINT.fullmatch(text):
            found = datetime.fromisoformat(text)
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
            return found.astimezone(UTC), _length(point)
    except (ValueError, OverflowError):
        raise ValueError(f"there is no such time: {text!r}") from None
    raise ValueError(f"not a time: {text!r}; give one like 2026-11-23, 2026-11-23T15:30 (UTC) or 15m, 2h, 7d (ago)")


def _length(point: re.Match[str]) -> timedelta:
    if point["fraction"]:
        return timedelta(microseconds=10 ** (7 - len(point["fraction"])))
    if point["second"]:
        return timedelta(seconds=1)
    return timedelta(minutes=1) if point["minute"] else timedelta(days=1)


def _in_log(moment: datetime) -> str:
    return format_time((moment - _EPOCH) // _MICROSECOND)
