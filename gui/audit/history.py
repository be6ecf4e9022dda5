"""The last minutes of a run: how many events waited, and how many were durable, once a second. No cost for an event."""

from collections import deque
from typing import NamedTuple

PERIOD_S = 1.0
SAMPLES = 300


class Sample(NamedTuple):
    """At `at` (unix seconds) `waiting` events waited, and `durable` were on disk."""

    at: float
    waiting: int
    durable: int


class History:
    """A ring of samples. One thread notes; any may read."""

    def __init__(self) -> None:
        self._samples: deque[Sample] = deque(maxlen=SAMPLES)

    def note(self, now: float, waiting: int, durable: int) -> None:
        """Take a sample, unless the last one is younger than a second; a clock that was set back begins anew."""
        if self._samples and now < self._samples[-1].at:
            self._samples.clear()
        if not self._samples or now - self._samples[-1].at >= PERIOD_S:
            self._samples.append(Sample(now, waiting, durable))

    def samples(self) -> list[Sample]:
        """Oldest first."""
        # One C call, which no other thread gets in between.
        return list(self._samples)
