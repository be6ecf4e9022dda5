"""Watches, from a thread of its own, that this sidecar can still be found and that no second one can begin beside it.

Whoever cleans /tmp deletes the lock and the sockets of a sidecar that runs. Nobody finds it then, and the next one would
take a lock of its own. The one that runs must leave; the next one makes everything again.
"""

import contextlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

PERIOD_S = 0.5
# Those of them that are there when the watch begins.
NAMES = ("lock", "events", "acks", "ask", "ports", "keys")


class Guard:
    """`loss` says what is gone, empty while nothing is. `wake` is called once, from the thread, when something is."""

    def __init__(self, run_dir: Path, wake: Callable[[], None]) -> None:
        self.loss = ""
        self._run_dir = run_dir
        self._wake = wake
        self._found: dict[Path, os.stat_result] = {}
        self._enough = threading.Event()

    def start(self) -> None:
        """Remember what is there, and watch it from now on."""
        for name in NAMES:
            # This transport may need no such file.
            with contextlib.suppress(FileNotFoundError):
                self.remember(name)
        threading.Thread(target=self._watch, name="guard", daemon=True).start()

    def remember(self, name: str) -> None:
        """Watch this file as it is now. Raises FileNotFoundError."""
        path = self._run_dir / name
        self._found[path] = path.lstat()

    def forget(self, name: str) -> None:
        """Do not watch this file: we remove it ourselves, behind this."""
        self._found.pop(self._run_dir / name, None)

    def stop(self) -> None:
        """Look no more: what goes now goes because this sidecar ends."""
        self._enough.set()

    def _watch(self) -> None:
        while not self._enough.wait(PERIOD_S):
            if loss := self._look():
                self.loss = loss
                self._wake()
                return

    def _look(self) -> str:
        for path, before in list(self._found.items()):
            # No lock, which a directory that hangs would hold: what was forgotten meanwhile is no loss.
            if (loss := _loss_of(path, before)) and self._found.get(path) is before:
                return loss
        return ""


def _loss_of(path: Path, before: os.stat_result) -> str:
    try:
        return "" if os.path.samestat(path.lstat(), before) else f"{path} was replaced"
    except FileNotFoundError:
        return f"{path} was deleted"
    except OSError as error:
        return f"{path} is out of reach: {error.strerror}"
