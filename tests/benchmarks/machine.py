"""What machine it was, said before any number."""

import os
import platform
import statistics
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

FSYNCS = 30
BUSY = 0.5


class Machine(NamedTuple):
    cpu: str
    cores: int
    kernel: str
    python: str
    file_system: str
    fsync_ms: float
    load: float

    def lines(self) -> list[str]:
        disk = f"the disk is {self.file_system}, one fsync there takes {self.fsync_ms:.2f} ms (median of {FSYNCS})"
        load = f"load at the start {self.load:.1f}"
        said = [f"{self.cpu}, {self.cores} cores, {self.kernel}, {self.python}; {disk}; {load}."]
        if self.load > BUSY:
            said.append(
                "The machine was busy with other things: the slowest calls waited for a processor, and ratios are noisy."
            )
        return said


def look() -> Machine:
    """This machine, and the disk where the benchmarks write."""
    return Machine(
        cpu_model(),
        os.cpu_count() or 1,
        f"{platform.system()} {platform.release()}",
        f"{platform.python_implementation()} {platform.python_version()}",
        file_system(Path(tempfile.gettempdir())),
        fsync_ms(),
        os.getloadavg()[0],
    )


def cpu_model() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def file_system(path: Path) -> str:
    """The type of the one with the longest mount point above `path`."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return "of an unknown type"
    found = [line.split()[1:3] for line in mounts.read_text().splitlines()]
    above = [(len(point), kind) for point, kind in found if path.resolve().is_relative_to(point)]
    return max(above)[1]


def fsync_ms() -> float:
    taken = []
    with tempfile.NamedTemporaryFile(buffering=0) as file:
        for _ in range(FSYNCS):
            file.write(b"x" * 250)
            begun = time.perf_counter()
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - begun)
    return statistics.median(taken) * 1e3
