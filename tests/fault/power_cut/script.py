"""Stands in the place of the queue from the sockets: hands the writer what the script says, and lets no time pass."""

import math
import threading
from collections.abc import Callable

from sidecar.backlog import Backlog
from sidecar.writer import Writer

# More turns than any life has; who is not done by then never will be.
PATIENCE = 300


class Script(Backlog):
    """`next_batch` gives what the writer is to take next, None for its end; `is_over` whether nobody will send any more."""

    def __init__(self, next_batch: Callable[[], list[bytes] | None], is_over: Callable[[], bool]) -> None:
        super().__init__()
        self._next_batch = next_batch
        self._is_over = is_over
        self._turns = 0
        self._has_ended = False

    def serve(self, writer: Writer) -> None:
        """Let `writer` run to its end; whatever it would wait for is due at once."""

        def note_turn() -> None:
            self._turns += 1
            assert self._turns < PATIENCE, "the sidecar is never done"
            writer._looked_at = 0.0
            for run in writer.runs.values():
                run.retry_at = 0.0

        self._note_turn = note_turn
        writer.abandon = Impatience(note_turn)
        writer.run()

    def take(self, _timeout_s: float) -> list[bytes] | None:
        self._note_turn()
        frames = None if self._has_ended else self._next_batch()
        self._has_ended = frames is None
        if not frames and self._is_over():
            # Nothing is on its way, so a run whose process is gone can be closed.
            self.drained_at = math.inf
        return frames


class Impatience(threading.Event):
    """Is waited for between two attempts, and only says that there was one."""

    def __init__(self, note_attempt: Callable[[], None]) -> None:
        super().__init__()
        self._note_attempt = note_attempt

    def wait(self, timeout: float | None = None) -> bool:  # noqa: ARG002 - it is threading's
        self._note_attempt()
        return self.is_set()
