"""Is a run that says nothing quiet, or silent? Pure.

- Any line shows that a run was alive when the server stored it; an attestation comes at least every so many minutes.
- Times are the server's, so a machine's wrong clock changes nothing.
"""

from datetime import datetime
from typing import NamedTuple

from sidecar.attestation import MINUTES
from sidecar.fleet.survey import RunSurvey

CLOSED, ALIVE, SILENT = "closed", "alive", "silent"


class Life(NamedTuple):
    """`state` is `closed`, `alive` or `silent`; `since` is when the last line came; `text` says it for people."""

    state: str
    since: str
    text: str


def judge(run: RunSurvey, log_state: str, now: str, late_minutes: float) -> Life:
    """Judge a run whose log is `open`, `closed` or `vanished` at `now`, in the log's form of times."""
    since = run.last_stored
    if log_state != "open":
        return Life(CLOSED, since, "its GUI vanished" if log_state == "vanished" else "closed")
    period = run.attested.attested_minutes if run.attested else MINUTES
    quiet = minutes_between(since, now)
    if quiet > period + late_minutes:
        what = "machine off, cut off, or its lines taken away"
        if not run.attested:
            what += "; it never attested: is DATATOOLS_AUDIT_ATTEST_MINUTES off there?"
        return Life(SILENT, since, f"silent for {span(quiet)}: {what}")
    attested = f", last attested {shown(run.attested_at)}" if run.attested else ", not yet attested"
    return Life(ALIVE, since, f"open{attested}")


def minutes_between(earlier: str, later: str) -> float:
    """Minutes from one time in the log's form to another."""
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds() / 60


def span(minutes: float) -> str:
    """`75 min`, `3 h`, `12 days`."""
    if minutes < 2 * 60:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.0f} h" if minutes < 2 * 24 * 60 else f"{minutes / 60 / 24:.0f} days"


def shown(time: str) -> str:
    """`2026-11-23 15:30:00` of a time in the log's form."""
    return f"{time[:10]} {time[11:19]}" if time else "never"
