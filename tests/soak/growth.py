"""Whether what a process holds grows: samples over time, and a slope told from noise."""

import statistics
from pathlib import Path
from typing import NamedTuple

# Of the samples; until then pools and arenas fill.
WARM_UP = 0.25
# How many standard errors of a slope are no accident.
CERTAIN = 3.0
LEAST_SAMPLES = 6


class Sample(NamedTuple):
    """What a process holds; memory is its resident set in MiB, which others that come and go do not change."""

    seconds: float
    memory: float
    threads: float
    descriptors: float


METRICS = {"memory": "MiB", "threads": "", "descriptors": ""}
# What may be added while it is sampled. A heap creeps by a few MiB with the bursts it has seen, although no more of it is in use.
ALLOWED = {"memory": 4.0, "threads": 0.5, "descriptors": 0.5}


def sample(pid: int, seconds: float) -> Sample:
    """Look at a process; `seconds` is when. Raises OSError when it is gone."""
    process = Path(f"/proc/{pid}")
    memory = number_behind("VmRSS:", process / "status") / 1024
    descriptors = sum(1 for _ in (process / "fd").iterdir())
    return Sample(seconds, memory, number_behind("Threads:", process / "status"), descriptors)


def number_behind(key: str, file: Path) -> float:
    """The number in the line of a file of /proc that begins with `key`."""
    return next(float(line.split()[1]) for line in file.read_text().splitlines() if line.startswith(key))


class Trend(NamedTuple):
    """A metric in the `hours` after the warm-up; `per_hour` is the slope of a straight line, `error` its standard error."""

    metric: str
    hours: float
    first: float
    median: float
    most: float
    last: float
    per_hour: float
    error: float

    @property
    def grows(self) -> bool:
        """Whether it grew by more than is allowed, and than noise would explain."""
        return (self.per_hour - CERTAIN * self.error) * self.hours > ALLOWED[self.metric]


def trend(samples: list[Sample], metric: str) -> Trend:
    """The trend of a metric. Raises ValueError for too few samples."""
    warm = samples[int(len(samples) * WARM_UP) :]
    if len(warm) < LEAST_SAMPLES:
        raise ValueError(f"{len(warm)} samples after the warm-up; a trend takes {LEAST_SAMPLES}")
    hours = [each.seconds / 3600 for each in warm]
    values = [float(getattr(each, metric)) for each in warm]
    slope, start = statistics.linear_regression(hours, values)
    middle = statistics.fmean(hours)
    residual = sum((value - start - slope * hour) ** 2 for hour, value in zip(hours, values, strict=True))
    spread = sum((hour - middle) ** 2 for hour in hours)
    error = (residual / (len(warm) - 2) / spread) ** 0.5
    return Trend(
        metric, hours[-1] - hours[0], values[0], statistics.median(values), max(values), values[-1], slope, error
    )
