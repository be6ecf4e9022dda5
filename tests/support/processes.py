"""A sidecar and the GUI-like processes that log to it, as real processes with directories of their own."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any, Self, TypeVar, cast

from shared.transport import TRANSPORT_VARIABLE, Transport, choose
from tests.support import logs
from tests.support.waiting import DEADLINE, ROOT, until

Answer = dict[str, Any]
P = TypeVar("P", bound="Process")

READY = re.compile(r"Sidecar ready \(pid (\d+), ([0-9a-f]{8})\)")


class Process:
    """One Python process started here. Its stderr is always read, its stdout unless `read` is False."""

    def __init__(self, pair: "Pair", *arguments: str, read: bool = True) -> None:
        self.popen = subprocess.Popen(
            [*pair.prefix, sys.executable, "-u", *arguments],
            cwd=ROOT,
            env=pair.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.out: list[str] = []
        self.err: list[str] = []
        self._readers = [self._reader(self.popen.stderr, self.err.append)]
        if read:
            self.read()

    @property
    def pid(self) -> int:
        return self.popen.pid

    def read(self) -> None:
        """Begin to read its stdout."""
        self._readers.append(self._reader(self.popen.stdout, self.take_line))

    def take_line(self, line: str) -> None:
        self.out.append(line)

    def signal(self, number: int) -> None:
        self.popen.send_signal(number)

    def kill(self) -> None:
        """Kill -9 without reaping: until `wait` it is a zombie."""
        os.kill(self.pid, signal.SIGKILL)

    def wait(self, timeout: float = DEADLINE) -> int:
        """Wait for its end. Returns the exit code, with all it printed in `out` and `err`."""
        code = self.popen.wait(timeout)
        for reader in self._readers:
            reader.join(DEADLINE)
        return code

    def wait_for_line(self, text: str, *, err: bool = False) -> str:
        """The first line printed that has `text` in it."""
        lines = self.err if err else self.out
        until(lambda: any(text in line for line in lines.copy()), lambda: f"{text!r} in {lines}; {self.err}")
        return next(line for line in lines if text in line)

    def close(self) -> None:
        self.popen.kill()
        self.wait()
        for stream in (self.popen.stdin, self.popen.stdout, self.popen.stderr):
            # What nobody will read any more cannot be flushed either.
            with contextlib.suppress(BrokenPipeError):
                cast("IO[bytes]", stream).close()

    @staticmethod
    def _reader(stream: IO[bytes] | None, take: Any) -> threading.Thread:  # noqa: ANN401 - any callable of one line
        def run() -> None:
            for line in cast("IO[bytes]", stream):
                take(line.decode("utf-8", "backslashreplace").rstrip("\n"))

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread


class Sidecar(Process):
    """`python -m sidecar`."""

    def __init__(self, pair: "Pair", *, read: bool = True) -> None:
        super().__init__(pair, "-m", "sidecar", read=read)

    def wait_ready(self) -> Self:
        self.wait_for_line("Sidecar ready")
        return self

    @property
    def ready_pid(self) -> int:
        """The pid that it gave when it was ready."""
        found = READY.search(self.wait_for_line("Sidecar ready"))
        assert found is not None, self.out
        return int(found[1])


class Producer(Process):
    """A GUI-like process that does what it is asked; see tests/trail/producer.py."""

    def __init__(self, pair: "Pair", *arguments: str) -> None:
        self._answers: SimpleQueue[str] = SimpleQueue()
        super().__init__(pair, "-m", *(arguments or ("tests.trail.producer",)))
        self.run = str(self.ask("run")["run"])
        self.log = pair.audit / f"datatools-{self.run}.jsonl"

    def take_line(self, line: str) -> None:
        super().take_line(line)
        self._answers.put(line)

    def tell(self, command: str, *arguments: object) -> None:
        """Have it begin something; `answer` waits for the result."""
        stdin = cast("IO[bytes]", self.popen.stdin)
        stdin.write(json.dumps([command, *arguments]).encode() + b"\n")
        stdin.flush()

    def answer(self, timeout: float = DEADLINE) -> Answer:
        until(
            lambda: not self._answers.empty() or self.popen.poll() is not None,
            lambda: f"an answer; stderr: {self.err}",
            timeout,
        )
        assert not self._answers.empty(), f"it ended; stderr: {self.err}"
        return cast("Answer", json.loads(self._answers.get()))

    def ask(self, command: str, *arguments: object, timeout: float = DEADLINE) -> Answer:
        self.tell(command, *arguments)
        return self.answer(timeout)

    def status(self) -> Answer:
        return self.ask("status")

    def wait_for_state(self, state: str) -> Answer:
        return self.wait_for_status("state", state)

    def wait_for_durable(self, seq: int) -> Answer:
        return self.wait_for_status("durable", seq)

    def wait_for_status(self, key: str, value: object) -> Answer:
        status = self.status()

        def holds() -> bool:
            status.update(self.status())
            return bool(status[key] == value)

        until(holds, lambda: f"{key} {value}; it was {status}")
        return status

    def end(self) -> int:
        """Ask it to end as a program does that has nothing more to do. Returns its exit code."""
        self.tell("end")
        return self.wait()


class Pair:
    """Directories of a test's own, and the processes it started in them."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        # Short, for the sockets' sake.
        self.root = Path(tempfile.mkdtemp(dir="/tmp", prefix="dt-"))
        stack.callback(shutil.rmtree, self.root)
        self.audit = self.root / "logs"
        self.run_dir = self.root / "run"
        # A command that executes what follows it.
        self.prefix: list[str] = []
        # Settings beside the two directories.
        self.settings: dict[str, str] = {}

    @property
    def transport(self) -> Transport:
        """How the processes connect."""
        return choose(self.environ.get(TRANSPORT_VARIABLE, ""))

    @property
    def environ(self) -> dict[str, str]:
        directories = {"DATATOOLS_AUDIT_DIR": str(self.audit), "DATATOOLS_RUN_DIR": str(self.run_dir)}
        return {**os.environ, **directories, **self.settings}

    def sidecar(self, *, read: bool = True) -> Sidecar:
        """A sidecar, not yet ready."""
        return self._keep(Sidecar(self, read=read))

    def ready_sidecar(self) -> Sidecar:
        return self.sidecar().wait_ready()

    def producer(self, *arguments: str) -> Producer:
        """A producer; `arguments` name another module that runs one, and what it is given."""
        return self._keep(Producer(self, *arguments))

    def python(self, *arguments: str, read: bool = True) -> Process:
        return self._keep(Process(self, *arguments, read=read))

    def run(self, *arguments: str) -> tuple[int, list[str], list[str]]:
        """Exit code, stdout and stderr of a command that ends by itself."""
        process = self.python(*arguments)
        return process.wait(), process.out, process.err

    def verify(self) -> tuple[int, list[str], list[str]]:
        return self.run("-m", "sidecar", "verify", str(self.audit))

    def log_files(self) -> list[Path]:
        return sorted(self.audit.iterdir())

    def wait_for_closing(self, log: Path) -> logs.Record:
        """The closing line, once it is the last line of `log`."""
        until(lambda: log.exists() and b'"outcome":' in log.read_bytes().rpartition(b"\n{")[2], lambda: f"{log} closed")
        return logs.read(log)[-1]

    def _keep(self, process: P) -> P:
        self._stack.callback(process.close)
        return process
