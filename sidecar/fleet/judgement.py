"""What all machines together turned out to be: per machine its runs, and of the stream what is missing from it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from sidecar.fleet.liveness import ALIVE, SILENT, Life
from sidecar.fleet.state import StreamState
from sidecar.fleet.survey import RunSurvey, Survey
from sidecar.verify.report import Report

DAMAGED, MISSING, QUIET_HOST = "damaged", "missing", "closed"

# Between what the server's age limit says and what it has done.
_AGE_SLACK = timedelta(days=1)
_RANGES_MAX = 5


class RunResult(NamedTuple):
    """A run, what the check of it says, and whether it lives."""

    survey: RunSurvey
    report: Report
    life: Life


@dataclass
class Host:
    """A machine: its runs, oldest first, none when nothing was ever heard of it. `is_expected` is None without a list."""

    name: str
    runs: list[RunResult] = field(default_factory=list)
    is_expected: bool | None = None

    @property
    def state(self) -> str:
        """`damaged`, `missing`, `silent`, `alive` or `closed`: the worst that is true of it."""
        if not self.runs:
            return MISSING
        if any(run.report.findings for run in self.runs):
            return DAMAGED
        states = {run.life.state for run in self.runs}
        return SILENT if SILENT in states else ALIVE if ALIVE in states else QUIET_HOST

    @property
    def heard(self) -> str:
        """When the last line of it came, empty for never."""
        return max((run.survey.last_stored for run in self.runs), default="")


def by_host(results: Iterable[RunResult], expected: frozenset[str]) -> list[Host]:
    """The machines that were heard, and those that were expected and never were, by their names."""
    hosts = {name: Host(name, is_expected=True) for name in expected}
    for result in results:
        name = result.survey.host
        host = hosts.setdefault(name, Host(name, is_expected=False if expected else None))
        host.runs.append(result)
    return [hosts[name] for name in sorted(hosts)]


def stream_damages(state: StreamState, survey: Survey) -> list[str]:
    """What somebody did to the stream itself, a sentence each."""
    found = []
    if state.deleted:
        places = ", ".join(
            str(first) if first == last else f"{first} to {last}" for first, last in state.deleted_ranges[:_RANGES_MAX]
        )
        more = " and more" if len(state.deleted_ranges) > _RANGES_MAX else ""
        where = f": {places}{more}" if places else ""
        found.append(f"{_messages(state.deleted)} deleted from the middle or the end of the stream{where}.")
    if state.first > 1 and not (state.keeps_days or state.drops_old):
        found.append(
            f"{_messages(state.first - 1)} deleted from the stream's beginning, which has no limit that does so."
        )
    found += [
        f"Message {stray.sequence} has the subject {stray.subject!r}, which is no machine's and run's."
        for stray in survey.strays
    ]
    if survey.more_strays:
        found.append(f"{survey.more_strays:,} more messages have subjects that are no machine's and run's.")
    return found


def stream_notes(state: StreamState) -> list[str]:
    """What is worth knowing of the stream, a sentence each."""
    notes = []
    if not state.is_protected:
        notes.append("Its server lets an administrator delete single messages: set deny_delete and deny_purge.")
    if state.first > 1 and (state.keeps_days or state.drops_old):
        why = f"older than {state.keeps_days:g} days" if state.keeps_days else "to make room"
        notes.append(f"The first {state.first - 1:,} messages are no longer there, {why} as far as its settings say.")
    return notes


def must_be_whole(run: str, state: StreamState) -> bool:
    """Whether the first lines of a run must be there; not when it began before what the stream keeps."""
    if state.first <= 1:
        return True
    if not state.keeps_days:
        return not state.drops_old
    began = datetime.fromisoformat(f"{run[:4]}-{run[4:6]}-{run[6:11]}:{run[11:13]}:{run[13:15]}+00:00")
    return began > datetime.fromisoformat(state.now) - timedelta(days=state.keeps_days) + _AGE_SLACK


def _messages(count: int) -> str:
    return "1 message was" if count == 1 else f"{count:,} messages were"
