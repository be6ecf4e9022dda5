"""Keeps the forwarder alive: starts it, starts it again when it dies, tells it what is durable, hears how far it is.

- No method waits: starting, writing and reading are the business of threads, and what is not written yet is only its newest.
- It is not in the terminal's process group: when the sidecar ends, however it does, its pipe ends, and with it the process.
"""

import contextlib
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import IO, cast

from msgspec.structs import replace

from shared.wire import Forwarding
from sidecar.forward.progress import CONNECTING, STOPPED
from sidecar.forward.target import Target
from sidecar.forward.told import Durable, decode_forwarding, encode
from sidecar.forward.words import News, Speaker
from sidecar.reader.framing import READY, read_frame, write_frame
from sidecar.records import now

RETRY_S, RETRY_MAX_S = 0.25, 5.0
# Who lived so long had not died of how it began.
LONG_S = 10.0
# What comes within so long is told at once: to send more often would take the machine's time from the events.
GATHER_S = 0.25
# At the end the last words wait for an empty pipe.
CLOSE_S = 0.1


class Keeping:
    """`state` is what to tell of it; `wake` is called from threads when it has changed."""

    def __init__(self, directory: Path, target: Target, wake: Callable[[], None]) -> None:
        self.state = Forwarding(target.name, CONNECTING, now())
        self._directory = directory
        self._wake = wake
        self._speaker = Speaker()
        self._changed = threading.Condition()
        self._closing = False
        # Of the runs that are open, and of all of which something new is to be told.
        self._open: dict[str, Durable] = {}
        self._untold: dict[str, Durable] = {}
        self._thread = threading.Thread(target=self._keep, name="forwarder", daemon=True)

    def start(self) -> None:
        """Start the process, and see to it that there is one from now on."""
        self._thread.start()

    def tell(self, run: str, part: int, size: int, *, closed: bool) -> None:
        """So many bytes of this part are durable. `closed`: nothing more will come of the run."""
        with self._changed:
            self._open[run] = self._untold[run] = Durable(run, part, size)
            if closed:
                del self._open[run]
            self._changed.notify_all()

    def news(self) -> list[News]:
        """What is to be printed since the last call."""
        return self._speaker.news(self.state)

    def close(self) -> None:
        """Tell the last, and let the process end by itself."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._untold, CLOSE_S)

    def _keep(self) -> None:
        delay, forwarded = RETRY_S, 0
        while not self._closing:
            began = monotonic()
            try:
                died_of = self._run(forwarded)
            except OSError as error:
                # No process or descriptor to be had.
                died_of = f"cannot be started: {error.strerror}"
            forwarded = self.state.forwarded
            self._set(
                replace(self.state, state=STOPPED, since=now(), reason=f"the forwarder {died_of}; starting it again")
            )
            delay = RETRY_S if monotonic() - began > LONG_S else min(delay * 2, RETRY_MAX_S)
            with self._changed:
                self._changed.wait_for(lambda: self._closing, delay)

    def _run(self, forwarded: int) -> str:
        """One life of the process. Returns how it ended. Raises OSError when it cannot be started."""
        process = subprocess.Popen(
            [sys.executable, "-m", "sidecar.forward", str(self._directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
        with self._changed:
            self._untold.update(self._open)
        feeding = threading.Thread(target=self._feed, args=(process,), name="forwarder's pipe", daemon=True)
        feeding.start()
        with cast("IO[bytes]", process.stdout) as output:
            while (frame := read_frame(output.fileno())) is not None:
                if frame != READY:
                    self._hear(frame, forwarded)
        code = process.wait()
        with self._changed:
            self._changed.notify_all()
        feeding.join()
        return f"was killed by signal {-code}" if code < 0 else f"ended with exit status {code}"

    def _hear(self, frame: bytes, forwarded: int) -> None:
        state = decode_forwarding(frame)
        self._set(replace(state, forwarded=state.forwarded + forwarded))

    def _feed(self, process: "subprocess.Popen[bytes]") -> None:
        with cast("IO[bytes]", process.stdin) as stdin:
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: self._untold or self._closing or process.returncode is not None)
                    self._changed.wait_for(lambda: self._closing or process.returncode is not None, GATHER_S)
                    told = list(self._untold.values())
                    if not told:
                        return
                # It has died, which its other pipe says as well; the next one is told all.
                with contextlib.suppress(BrokenPipeError):
                    write_frame(stdin.fileno(), encode(told))
                with self._changed:
                    for each in told:
                        if self._untold.get(each.run) is each:
                            del self._untold[each.run]
                    self._changed.notify_all()

    def _set(self, state: Forwarding) -> None:
        self.state = state
        # Closed: we are ending already.
        with contextlib.suppress(OSError):
            self._wake()
