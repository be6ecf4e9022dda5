"""One life of the process that the keeper keeps: started, ready, asked to leave, ended.

- Its own session, so that a signal to the keeper's process group does not reach it: the keeper says when.
- Its stdin is a pipe that only the keeper holds: the end of it means that the keeper is gone.
- Its output goes through a pipe to the keeper's printer, so that it never holds what the keeper inherited.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from typing import IO, NamedTuple, cast

from shared.naming import READY

KEEPER_VARIABLE = "DATATOOLS_KEEPER"

# A longer line is relayed in pieces, each a line of its own.
LONGEST_LINE = 64 * 1024

# How long a dead child's output may take to end, in seconds: a process that it started may hold the pipe for ever.
LAST_WORDS = 0.25


class Ready(NamedTuple):
    """The child has said that it is ready."""

    child: "Child"


class Ended(NamedTuple):
    """The child is dead and its output relayed. `code` is its exit code, or minus the signal that killed it."""

    child: "Child"
    code: int


class Child:
    """A running child. `tell` and `print_line` are called from threads. Raises OSError when it cannot be started."""

    def __init__(
        self, command: Sequence[str], tell: Callable[[Ready | Ended], None], print_line: Callable[[bytes], None]
    ) -> None:
        self._tell = tell
        self._print_line = print_line
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, KEEPER_VARIABLE: "1"},
            start_new_session=True,
        )
        self.pid = self._process.pid
        self.ready = False
        self.asked = 0
        self._stdin = cast("IO[bytes]", self._process.stdin)
        self._relay = threading.Thread(target=self._relay_output, name="relay", daemon=True)
        self._relay.start()
        threading.Thread(target=self._await_end, name="end", daemon=True).start()

    def ask_to_leave(self) -> None:
        """Ask it to drain and leave; asked again, it leaves at once."""
        self.asked += 1
        if sys.platform != "win32":
            self._process.terminate()
        elif self.asked == 1:
            # SIGTERM would be TerminateProcess there, which drains nothing.
            self._stdin.close()
        else:
            self._process.kill()

    def kill(self) -> None:
        """Kill it without waiting for its end."""
        self._process.kill()

    def _relay_output(self) -> None:
        with cast("IO[bytes]", self._process.stdout) as output:
            for line in iter(lambda: output.readline(LONGEST_LINE), b""):
                self._print_line(line.removesuffix(b"\n"))
                if not self.ready and line.startswith(READY.encode()):
                    self.ready = True
                    self._tell(Ready(self))

    def _await_end(self) -> None:
        code = self._process.wait()
        self._stdin.close()
        self._relay.join(LAST_WORDS)
        self._tell(Ended(self, code))
