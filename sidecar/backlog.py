"""The queue between the main thread, which receives, and the writer thread, bounded in bytes."""

import threading
from collections.abc import Callable

# What is read ahead of the disk; beyond it the main thread stops reading and the events wait in the outboxes.
MAX_BYTES = 4 * 1024 * 1024
# What a frame costs beside its own bytes.
FRAME_OVERHEAD = 64


class Backlog:
    """Frames in the order they came.

    `bytes` is what they and their overhead hold, the batch being written included; `drained_at` when the socket was last
    found empty (monotonic seconds). `on_room` is called by the writer thread when there is room again.
    """

    def __init__(self, max_bytes: int = MAX_BYTES, on_room: Callable[[], None] = lambda: None) -> None:
        self.bytes = 0
        self._taken_bytes = 0
        self._on_room = on_room
        self.drained_at = 0.0
        self._max_bytes = max_bytes
        self._frames: list[bytes] = []
        self._filled = threading.Condition()
        self._ended = False

    @property
    def has_room(self) -> bool:
        """Whether the main thread may read on."""
        return self.bytes < self._max_bytes

    @property
    def waiting_bytes(self) -> int:
        """What has come and was not taken yet."""
        return self.bytes - self._taken_bytes

    def put(self, frames: list[bytes]) -> None:
        """Add `frames`; never waits for room."""
        with self._filled:
            self._frames += frames
            self.bytes += sum(map(len, frames)) + FRAME_OVERHEAD * len(frames)
            self._filled.notify()

    def end(self) -> None:
        """No more frames will come."""
        with self._filled:
            self._ended = True
            self._filled.notify()

    def take(self, timeout_s: float) -> list[bytes] | None:
        """All frames there are, after waiting for one at most `timeout_s`; None when it has ended and is empty.

        Says by the way that the batch taken before is done with.
        """
        was_full = not self.has_room
        with self._filled:
            self.bytes -= self._taken_bytes
            self._taken_bytes = 0
            if was_full and self.has_room:
                self._on_room()
            if not self._frames and not self._ended:
                self._filled.wait(timeout_s)
            if self._ended and not self._frames:
                return None
            frames, self._frames = self._frames, []
            self._taken_bytes = self.bytes
            return frames
