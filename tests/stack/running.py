"""honcho with the project's own Procfile, on a free port, in directories of its own."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil

from shared.naming import Directories
from sidecar.question import ask_status

ROOT = Path(__file__).parents[2]
DEADLINE_S = 40.0

URL = re.compile(r"URL: (http://127\.0\.0\.1:\d+)")
READY = re.compile(r"Sidecar ready \(pid (\d+),")
STARTED = re.compile(r"started \(pid=(\d+)\)")


class Stack:
    """What the README's first command starts. `gui` replaces the command of the Procfile's first line."""

    def __init__(self, directories: Directories, scratch: Path, gui: str = "python -u -m gui") -> None:
        self.directories = directories
        procfile = (ROOT / "Procfile").read_text().replace("python -u -m gui\n", f"{gui} --port 0\n")
        (scratch / "Procfile").write_text(procfile)
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-m", "honcho", "-d", str(ROOT), "-f", str(scratch / "Procfile"), "start"],
            cwd=ROOT,
            env={
                **os.environ,
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
                "DATATOOLS_AUDIT_DIR": str(directories.audit),
                "DATATOOLS_RUN_DIR": str(directories.run),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._lines: list[str] = []
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def output(self) -> str:
        return "".join(self._lines)

    def wait_for(self, pattern: re.Pattern[str], occurrence: int = 1) -> re.Match[str]:
        """The n-th match in the output, once it is there."""
        with self._changed:
            found: list[re.Match[str]] = []

            def is_there() -> bool:
                found[:] = pattern.finditer(self.output)
                return len(found) >= occurrence

            assert self._changed.wait_for(is_there, DEADLINE_S), f"{pattern.pattern} is not in:\n{self.output}"
            return found[occurrence - 1]

    def wait_until_ready(self) -> int:
        """Wait until both serve. Returns the sidecar's pid."""
        self.wait_for(URL)
        self.wait_for(re.compile("GUI started"))
        return int(self.wait_for(READY)[1])

    def wait_for_end(self) -> int:
        code = self.process.wait(DEADLINE_S)
        self._reader.join(DEADLINE_S)
        return code

    def terminate(self) -> int:
        """What Ctrl-C does: honcho passes SIGTERM on to both in the same instant. Returns honcho's exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait_for_end()

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def close(self) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            for each in [*self.children(), psutil.Process(self.process.pid)]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.kill()
        self.process.wait(DEADLINE_S)
        self._reader.join(DEADLINE_S)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._changed:
                self._lines.append(line)
                self._changed.notify_all()


def wait_until_durable(directories: Directories, seq: int) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        if any(run.durable >= seq for run in ask_status(directories, DEADLINE_S).runs):
            return
        threading.Event().wait(0.02)
    raise AssertionError(f"event {seq} never became durable")
