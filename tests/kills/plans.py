"""What is to be done to the lives of a program that `at.py` runs, and whether it was done."""

import signal
from pathlib import Path

import psutil

from tests.support.waiting import until

# As many bytes as numbers are acknowledged.
ACKNOWLEDGED = "acknowledged"


class Plan:
    """A directory with a file per life, in their order."""

    def __init__(self, directory: Path, program: str) -> None:
        self.directory = directory
        self._program = program
        self._lives = 0
        directory.mkdir()

    @property
    def arguments(self) -> list[str]:
        """What runs the program under this plan, behind `python`."""
        return ["-u", "-m", "tests.kills.at", self._program, str(self.directory)]

    def strike(self, step: str, time: int = 1, number: signal.Signals = signal.SIGKILL) -> str:
        """Let the next life meet `number` when it comes to `step` for the `time`-th time. Returns the name of that life."""
        self._lives += 1
        name = f"{self._lives:03d}"
        prepared = self.directory / f".{name}"
        prepared.touch()
        prepared.rename(self.directory / f"{name} {step} {time} {number.name}")
        return name

    def stop(self, step: str, time: int = 1) -> str:
        """Let the next life hold at `step`, as SIGSTOP does."""
        return self.strike(step, time, signal.SIGSTOP)

    def wait_taken(self, name: str) -> None:
        """Until that life has begun."""
        until(lambda: list(self.directory.glob(f"taken {name} *")), lambda: f"life {name}: {self.state}")

    def wait_struck(self, name: str) -> int:
        """Until that life was struck, and by now is stopped or gone. Returns its pid."""
        note = self.directory / f"struck {name}"
        until(note.exists, lambda: f"life {name} struck: {self.state}")
        pid = int(note.read_text(encoding="utf-8"))
        until(lambda: state(pid) in {"", psutil.STATUS_ZOMBIE, psutil.STATUS_STOPPED}, lambda: f"{pid} is {state(pid)}")
        return pid

    @property
    def acknowledged(self) -> int:
        """How far the last producer under this plan knew its events to be durable."""
        return (self.directory / ACKNOWLEDGED).stat().st_size

    @property
    def state(self) -> list[str]:
        """What is planned, taken and struck."""
        return sorted(path.name for path in self.directory.iterdir())


def state(pid: int) -> str:
    """Empty when there is no such process."""
    try:
        return str(psutil.Process(pid).status())
    except psutil.NoSuchProcess:
        return ""
