"""What a user chooses on the page, as the question for it. Pure.

- The names of the fields are those in the page's address: whoever opens it sees the same.
- A span is reckoned back from when it was chosen, two moments stand for themselves.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.chain import format_time
from shared.naming import is_run_id
from shared.questions import Wanted

ANY_TIME, CUSTOM = "Any time", "From … to …"
SPANS = {
    ANY_TIME: None,
    "Last 15 minutes": timedelta(minutes=15),
    "Last hour": timedelta(hours=1),
    "Last 24 hours": timedelta(days=1),
    "Last 7 days": timedelta(days=7),
    CUSTOM: None,
}
CATEGORIES = ("session", "nav", "upload", "analyze", "tool_run", "download", "error", "audit")
LEVELS = ("debug", "info", "warning", "error")
# What a question has room for.
_MOST, _LONGEST = 16, 60
_LONGEST_TEXT = 150
_RUN = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-([0-9a-f]{8})", re.ASCII)
_NAME = re.compile(r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d) ([0-9a-f]{8})", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Choice:
    """The fields of the page. Moments are UTC, with or without saying so."""

    run: str
    span: str = ANY_TIME
    since: datetime | None = None
    until: datetime | None = None
    categories: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    text: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether something of the run is left out."""
        return self != Choice(self.run)

    @property
    def is_live(self) -> bool:
        """Whether lines that are still to be written may be among those asked for."""
        return self.span != CUSTOM or self.until is None

    def wanted(self, now: datetime) -> Wanted:
        """The question's filter, chosen at `now`."""
        since, until = "", ""
        length = SPANS.get(self.span)
        if length is not None:
            since = _in_log(now - length)
        elif self.span == CUSTOM:
            since, until = (_in_log(moment) if moment else "" for moment in (self.since, self.until))
        return Wanted(
            since, until, _some(self.sessions), _some(self.categories), _some(self.levels),
            self.text.strip()[:_LONGEST_TEXT],
        )  # fmt: skip


def name_of(run: str) -> str:
    """What a run is called on the page and in its address: `2026-11-23 15:30:00 a1b2c3d4`, its start and the end of its id."""
    match = _RUN.fullmatch(run)
    if match is None:
        return run
    year, month, day, hour, minute, second, short = match.groups()
    return f"{year}-{month}-{day} {hour}:{minute}:{second} {short}"


def run_of(name: str) -> str:
    """The run of this name; empty when there can be none. A run's id is a name of it, too."""
    match = _NAME.fullmatch(name)
    run = "{}{}{}T{}{}{}Z-{}".format(*match.groups()) if match else name
    return run if is_run_id(run) else ""


def options(known: Sequence[str], *more: Sequence[str]) -> list[str]:
    """What can be chosen: what is `known`, then whatever else there is, each once."""
    return list(dict.fromkeys([*known, *sorted({each for some in more for each in some if each})]))


def _some(names: Sequence[str]) -> list[str]:
    return [name[:_LONGEST] for name in names[:_MOST]]


def _in_log(moment: datetime) -> str:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return format_time((aware - _EPOCH) // timedelta(microseconds=1))
