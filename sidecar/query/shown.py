"""A line of a log as it is shown. Pure."""

from shared.printable import printable
from sidecar.query.lines import extras
from sidecar.query.scan import Match
from sidecar.screen import event_line

# A stack or a list of columns is there in full with `--json`.
_DETAILS_MAX = 300


def as_json(match: Match) -> bytes:
    """The line exactly as it stands in the log."""
    return match.raw


def as_text(match: Match) -> str:
    """`a1b2c3d4     12 2026-11-23 15:30:00 info    upload    Uploaded customers.csv  filename=customers.csv`.

    First the end of the run's id (`?`: no line says it) and the number of the event (`-`: a record of the sidecar).
    """
    line = match.line
    number = "-" if line.seq is None else str(line.seq)
    place = f"{match.run[-8:] or '?':<8} {number:>6}"
    details = "  ".join([f"session={line.session}"] * bool(line.session) + extras(match.raw))
    if len(details) > _DETAILS_MAX:
        details = f"{details[:_DETAILS_MAX]}…"
    text = f"{place} {line.ts[:10]} {event_line(line.ts, line.level, line.category, line.message)}  {details}"
    return printable(text.rstrip())
