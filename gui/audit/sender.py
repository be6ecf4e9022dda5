"""What a run says to its sidecar and when: go-back-N, the sending half. Pure: `now` is handed in, in monotonic seconds.

- Whatever is not acknowledged is sent until it is: again on a new connection, when it is asked for, and without progress.
- A frame that one sidecar asks for again and again is given up, so it cannot hold up those behind it.
- It holds the recorder's lock for microseconds at a time.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from gui.audit.push import Transmit
from gui.audit.recorder import Recorder
from shared.wire import UNKNOWN_RUN, VERSION, Ack, Alive, Bye, Downstream, Heartbeat, Hello, encode

if TYPE_CHECKING:
    import threading

ALIVE_BUSY_S, ALIVE_IDLE_S, ALIVE_FLUSH_S = 1.0, 5.0, 0.05
NO_PROGRESS_S, NO_PROGRESS_MAX_S = 2.0, 30.0
# The sidecar says that it lives every 0.5 s; two missed and a bit is silence.
SILENCE_S = 1.25
# Frames sent or forgotten under one hold of the lock: some 50 microseconds.
SLICE = 32
WANTED_TRIES = 3


class Sender:
    """Brings the events of `recorder` to the sidecar. `identify` gives the pid of this process and when it began.

    `heartbeat` and `ack` are the last ones heard, `heard_at` when. `waiting` are those who wait for a number to be durable.
    """

    def __init__(self, recorder: Recorder, identify: Callable[[], tuple[int, float]]) -> None:
        self.recorder = recorder
        self.heartbeat: Heartbeat | None = None
        self.ack: Ack | None = None
        self.heard_at = 0.0
        self.waiting: list[tuple[int, threading.Event]] = []
        self._identify = identify
        self._transmit: Transmit | None = None
        self._send_from = 0
        self._alive_at = 0.0
        self._progress_at, self._patience = 0.0, NO_PROGRESS_S
        self._wanted: tuple[str, int, int] = ("", 0, 0)

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection to send on."""
        return self._transmit is not None

    def is_silent(self, now: float) -> bool:
        """Whether the sidecar has not been heard for longer than it may be silent."""
        return now - self.heard_at > SILENCE_S

    def connect(self, transmit: Transmit) -> None:
        """There is a new connection, on which `transmit` sends."""
        self._transmit = transmit
        self._send_from = self.recorder.outbox.durable + 1

    def disconnect(self) -> None:
        """The connection is gone."""
        self._transmit = None
        self.recorder.hang_up()

    def say_bye(self) -> bool:
        """The last frame of this connection. Returns whether the socket took it."""
        return self.recorder.hang_up(encode(Bye(self.recorder.run, self.recorder.outbox.last)))

    def hear(self, message: Downstream, now: float) -> None:
        """Take in what the sidecar says."""
        self.heard_at = now
        if isinstance(message, Heartbeat):
            self.heartbeat = message
        elif message.run == self.recorder.run:
            self._take_ack(message)

    def tick(self, now: float) -> None:
        """Send what is to be sent by now."""
        self._note_no_progress(now)
        if self._send_from and self._transmit is not None:
            hello = self._hello()
            if self.recorder.send_again(self._transmit, hello, self._send_from):
                self._send_from = 0
                self._progress_at = now
        while self.recorder.send_behind(SLICE):
            pass
        self._say_alive(now)

    def _hello(self) -> bytes:
        durable, head = (ack.durable, ack.head) if (ack := self.ack) else (0, "")
        return encode(Hello(self.recorder.run, VERSION, *self._identify(), self.recorder.outbox.last, durable, head))

    def _take_ack(self, ack: Ack) -> None:
        recorder = self.recorder
        if ack.durable > recorder.outbox.durable:
            self._progress_at, self._patience = self.heard_at, NO_PROGRESS_S
            while not recorder.acknowledge(ack.durable, SLICE):
                pass
            if self._send_from:
                # Or what became durable while sending again was due would be called missing.
                self._send_from = max(self._send_from, recorder.outbox.durable + 1)
        if ack.part == UNKNOWN_RUN:
            self._send_from = recorder.outbox.durable + 1
            return
        self.ack = ack
        if ack.wanted:
            self._note_wanted(ack)
        for seq, arrived in self.waiting.copy():
            if recorder.outbox.durable >= seq:
                arrived.set()

    def _note_wanted(self, ack: Ack) -> None:
        sidecar, seq, tries = self._wanted
        tries = tries + 1 if (sidecar, seq) == (ack.sidecar, ack.wanted) else 1
        self._wanted = (ack.sidecar, ack.wanted, tries)
        if tries >= WANTED_TRIES:
            # Sent again and again, and this sidecar cannot read it: one frame must not hold up the whole run.
            self.recorder.refuse(ack.wanted)
        self._send_from = ack.wanted

    def _note_no_progress(self, now: float) -> None:
        outbox = self.recorder.outbox
        heartbeat = None if self.is_silent(now) else self.heartbeat
        recording = heartbeat is not None and heartbeat.state == "recording" and heartbeat.version == VERSION
        if outbox.last == outbox.durable or not recording:
            self._progress_at = now
        elif now - self._progress_at > self._patience:
            self._progress_at, self._patience = now, min(self._patience * 2, NO_PROGRESS_MAX_S)
            self._send_from = outbox.durable + 1

    def _say_alive(self, now: float) -> None:
        outbox = self.recorder.outbox
        urgent = bool(self.waiting)
        busy = outbox.last > outbox.durable
        period = ALIVE_FLUSH_S if urgent else ALIVE_BUSY_S if busy else ALIVE_IDLE_S
        if now - self._alive_at >= period and self.recorder.transmit is not None:
            self._alive_at = now
            self.recorder.say(encode(Alive(self.recorder.run, outbox.cursor - 1, urgent)))
