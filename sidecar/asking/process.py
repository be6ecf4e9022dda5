"""One process that answers questions about logs, and the thread that starts it and hears what it says.

- Whatever the disk does, no method waits: starting and reading is the thread's, and a question fits into the empty pipe.
- It is not in the terminal's process group: when the sidecar ends, however it does, its pipe ends, and with it the process.
"""

import contextlib
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import IO, cast

from sidecar.reader.framing import READY, read_frame, write_frame


class ReaderProcess:
    """Asked one question at a time, the first one at once. `wake` is called from the thread when there is something new.

    `answers` are frames as they came; `ready_at` is when it began to listen, 0 before; `is_gone` says that the process has
    ended and been reaped, `trouble` that it could not be started.
    """

    def __init__(self, directory: Path, first: bytes, wake: Callable[[], None]) -> None:
        self.answers: deque[bytes] = deque()
        self.ready_at = 0.0
        self.is_gone = False
        self.trouble = ""
        self._directory = directory
        self._wake = wake
        self._process: subprocess.Popen[bytes] | None = None
        self._is_unwanted = False
        self._closing = threading.Lock()
        threading.Thread(target=self._run, args=(first,), name="questions", daemon=True).start()

    def ask(self, frame: bytes) -> None:
        """Ask the next question; the one before must have been answered. Nothing happens when the process has ended."""
        # A pipe that is being closed must not be written to: its descriptor may be a log's in the next moment.
        with self._closing:
            if self._process is not None and not _stdin(self._process).closed:
                _write(_stdin(self._process), frame)

    def kill(self) -> None:
        """End it. One that hangs in the kernel ends when its call returns."""
        self._is_unwanted = True
        if self._process is not None:
            self._process.kill()

    def _run(self, first: bytes) -> None:
        try:
            process = subprocess.Popen(
                [sys.executable, "-m", "sidecar.reader", str(self._directory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            # No process or descriptor to be had; the next question tries again.
            self.trouble = error.strerror or str(error)
        else:
            self._process = process
            if self._is_unwanted:
                process.kill()
            _write(_stdin(process), first)
            self._listen(cast("IO[bytes]", process.stdout))
            with self._closing:
                _stdin(process).close()
            process.wait()
        self.is_gone = True
        self._tell()

    def _listen(self, output: IO[bytes]) -> None:
        with output:
            while (frame := read_frame(output.fileno())) is not None:
                if frame == READY:
                    self.ready_at = monotonic()
                else:
                    self.answers.append(frame)
                self._tell()

    def _tell(self) -> None:
        # Closed: we are ending already.
        with contextlib.suppress(OSError):
            self._wake()


def _stdin(process: subprocess.Popen[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", process.stdin)


def _write(stdin: IO[bytes], frame: bytes) -> None:
    # It has just ended, which its thread is about to say.
    with contextlib.suppress(BrokenPipeError):
        write_frame(stdin.fileno(), frame)
