"""A keeper with its child as real processes: what the child wrote, what the keeper printed."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic
from typing import IO, cast

import psutil

CHILD = Path(__file__).with_name("child.py")
ROOT = CHILD.parents[2]
DEADLINE = 30.0


class Kept:
    """Starts a keeper of `child.py`, or of `command`; nobody reads its output before `read` is called."""

    def __init__(self, directory: Path, *words: str, options: Sequence[str] = (), command: Sequence[str] = ()) -> None:
        self.diary_file = directory / "diary"
        self.diary_file.touch()
        self.lines: list[str] = []
        command = command or [sys.executable, "-u", str(CHILD), str(self.diary_file), *words]
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-m", "shared.keeper", *options, "--", *command],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._reader: threading.Thread | None = None

    def read(self) -> None:
        self._reader = threading.Thread(target=self._read_lines, daemon=True)
        self._reader.start()

    def _read_lines(self) -> None:
        for line in cast("IO[bytes]", self.process.stdout):
            self.lines.append(line.decode("latin-1").rstrip("\n"))

    def diary(self) -> list[str]:
        return self.diary_file.read_text(encoding="utf-8").splitlines()

    def wait_for_diary(self, entry: str, times: int = 1) -> None:
        self.wait_until(lambda: sum(e.startswith(entry) for e in self.diary()) >= times, f"{times} times {entry!r}")

    def wait_for_ready(self, times: int = 1) -> None:
        self.wait_for_line("Sidecar ready", times)

    def wait_for_line(self, text: str, times: int = 1) -> None:
        self.wait_until(lambda: sum(text in line for line in self.lines) >= times, f"{times} times {text!r}")

    def wait_until(self, holds: Callable[[], bool], what: str) -> None:
        until(holds, lambda: f"waited for {what}; diary {self.diary()}; printed {self.lines[-20:]}")

    def keeper_said(self) -> list[str]:
        return [line for line in self.lines if line.startswith("keeper: ")]

    def pids(self) -> list[int]:
        return [int(entry.split()[1]) for entry in self.diary() if entry.startswith("start ")]

    def open(self, name: str) -> None:
        """Make the file that the child waits for."""
        (self.diary_file.parent / name).touch()

    def kill_child(self, pid: int) -> None:
        # Only while it is still ours: the number may have been given to somebody else.
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            if str(self.diary_file) in process.cmdline():
                process.kill()

    def signal(self, number: int = signal.SIGTERM) -> None:
        os.kill(self.process.pid, number)

    def wait(self) -> int:
        """Wait for the keeper's end. Returns its exit code, with all its output in `lines` if it is read."""
        code = self.process.wait(DEADLINE)
        if self._reader is not None:
            self._reader.join(DEADLINE)
        return code

    def close(self) -> None:
        self.process.kill()
        self.process.wait(DEADLINE)
        for pid in self.pids():
            self.kill_child(pid)
        if self._reader is not None:
            self._reader.join(DEADLINE)
        cast("IO[bytes]", self.process.stdout).close()


def until(holds: Callable[[], bool], what: Callable[[], str], timeout: float = DEADLINE) -> None:
    deadline = monotonic() + timeout
    while not holds():
        assert monotonic() < deadline, what()
        threading.Event().wait(0.01)
