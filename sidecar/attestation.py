"""Says in the chain of each open run, once an hour, that it is alive, so that silence can be told from deletion.

- For whoever has the lines elsewhere: a run without a closing line and without this one was cut off, or its machine is off.
- On where the lines are sent elsewhere, or by a setting. A log that nobody else has needs none of it.
- A sidecar that takes up a run of an earlier one attests at once: its restarts put off nothing.
"""

from collections.abc import Mapping

from shared.errors import SettingsError
from sidecar.forward.target import VARIABLE
from sidecar.run import Run

ATTEST_MINUTES_VARIABLE = "DATATOOLS_AUDIT_ATTEST_MINUTES"

MINUTES = 60
# More than a week is as good as never, and nobody's wish.
_MOST_MINUTES = 10_080


def read_minutes(environ: Mapping[str, str]) -> int:
    """Minutes between two attestations of a run by these settings, 0 for none. Raises SettingsError."""
    text = environ.get(ATTEST_MINUTES_VARIABLE, "").strip()
    if not text:
        return MINUTES if environ.get(VARIABLE, "").strip() else 0
    if not text.isdecimal() or not text.isascii() or int(text) > _MOST_MINUTES:
        raise SettingsError(
            f"{ATTEST_MINUTES_VARIABLE} is {text!r}. Set it to a whole number of minutes up to {_MOST_MINUTES:,}, to 0 "
            f"for no attestations, or leave it out: then it is {MINUTES} where {VARIABLE} is set."
        )
    return int(text)


class Attestations:
    """When each run is to be attested next; `minutes` apart, 0: never. Times are monotonic seconds."""

    def __init__(self, minutes: int) -> None:
        self.minutes = minutes
        self._due: dict[str, float] = {}

    def due(self, runs: Mapping[str, Run], now: float) -> list[Run]:
        """Those of the open `runs` that are to be attested now. What is being written goes first."""
        if not self.minutes:
            return []
        self._due = {run: at for run, at in self._due.items() if run in runs}
        return [
            run
            for name, run in runs.items()
            if run.is_taken_up and not run.touched and now >= self._due.setdefault(name, self._first(run, now))
        ]

    def done(self, run: Run, now: float) -> None:
        """Its line is durable."""
        self._due[run.log.run] = now + self.minutes * 60

    def _first(self, run: Run, now: float) -> float:
        return now if run.log.was_taken_up else now + self.minutes * 60
