"""A GUI and a sidecar with a lossy line between them: the project's own logic, a simulated line, disk and clock."""

import time
from collections import deque
from pathlib import Path
from typing import NamedTuple

import zmq

from gui.audit.frame import encode_event
from gui.audit.link import Link
from gui.audit.outbox import Outbox
from gui.audit.recorder import Recorder
from shared.wire import UNKNOWN_RUN, Ack, Alive, Bye, Event, Heartbeat, Hello, Skipped, decode_upstream
from sidecar.admission import Admission

RUN = "20261123T153000Z-a1b2c3d4"
CAPACITY, CAPACITY_BYTES, WINDOW = 8, 600, 200
PIPE_FRAMES = 12
POISON = "poison"

UP = zmq.EVENT_HANDSHAKE_SUCCEEDED
DOWN = zmq.EVENT_DISCONNECTED


class Entry(NamedTuple):
    """What the file says of the numbers `first` to `last`: an event's message, or the reason of a gap."""

    first: int
    last: int
    message: str
    reason: str = ""


class Sidecar:
    """`file` is durable, `pending` written and not fsynced: what `crash` loses."""

    def __init__(self) -> None:
        self.file: list[Entry] = []
        self.pending: list[Entry] = []
        self.instance = 1
        self.admission: Admission | None = None
        self.acks: deque[Ack] = deque()
        self._touched = False

    @property
    def last(self) -> int:
        """The last number accounted for on disk."""
        return self.file[-1].last if self.file else 0

    def receive(self, frame: bytes) -> None:
        message = decode_upstream(frame)
        if isinstance(message, Event) and message.message.startswith(POISON):
            return  # as if it could not be decoded
        if isinstance(message, Hello):
            self.admission = self.admission or Admission(self.last)
            self.admission.greet(message.seq)
            self._touched = True
            return
        admission = self.admission
        if admission is None:
            self.acks.append(Ack(RUN, 0, 0, f"{self.instance:08x}", part=UNKNOWN_RUN))
            return
        self._touched = True
        match message:
            case Event():
                if admission.admit(message.seq):
                    self.pending.append(Entry(message.seq, message.seq, message.message))
            case Skipped():
                if gap := admission.skip(message.first, message.last):
                    self.pending.append(Entry(gap.first, gap.last, "", message.reason))
            case Alive() | Bye():
                admission.announce(message.seq)

    def fsync(self) -> None:
        """Make durable what is pending, then acknowledge."""
        self.file += self.pending
        self.pending = []
        if self._touched and self.admission is not None:
            wanted = self.admission.take_wanted()
            self.acks.append(Ack(RUN, self.last, wanted, f"{self.instance:08x}"))
        self._touched = False

    def crash(self) -> None:
        self.pending = []
        self.admission = None
        self.instance += 1
        self._touched = False

    def lose_tail(self, entries: int) -> None:
        """Somebody cuts the file while no sidecar runs."""
        del self.file[len(self.file) - entries :]


class World:
    """One run of a GUI, its sidecar, and what is on the way between them."""

    def __init__(self) -> None:
        self.sidecar = Sidecar()
        self.recorder = Recorder(RUN, Outbox(CAPACITY, CAPACITY_BYTES, WINDOW))
        self.link = Link(self.recorder, Path("/nowhere"))
        self.logged: list[str] = []
        self.pipe: deque[bytes] = deque()
        self.connected = False
        self.monitor: deque[int] = deque()
        # Far in the future of the real clock, so that the heartbeat is never too old.
        self.now = time.monotonic() + 1e6

    def transmit(self, frame: bytes) -> bool:
        if not self.connected or len(self.pipe) >= PIPE_FRAMES:
            return False
        self.pipe.append(frame)
        return True

    def log(self, message: str) -> None:
        self.logged.append(message)
        seq = self.recorder.outbox.last + 1
        self.recorder.record(seq, encode_event(RUN, seq, 0, "info", "nav", "", message, {}))

    def connect(self) -> None:
        if not self.connected:
            self.connected = True
            self.monitor.append(UP)

    def disconnect(self) -> None:
        if self.connected:
            self.connected = False
            self.pipe.clear()
            self.monitor.append(DOWN)

    def notice(self) -> None:
        """The link hears of one change of its connection."""
        if self.monitor:
            self.link._note_connection(self.monitor.popleft(), self.transmit)

    def tick(self, seconds: float) -> None:
        self.now += seconds
        self.link.sender.tick(self.now)

    def deliver(self, frames: int) -> list[bytes]:
        delivered = [self.pipe.popleft() for _ in range(min(frames, len(self.pipe)))]
        for frame in delivered:
            self.sidecar.receive(frame)
        return delivered

    def hear(self, ack: Ack) -> None:
        self.link.sender.hear(ack, self.now)

    def hear_heartbeat(self) -> None:
        self.link.sender.hear(Heartbeat("x", "recording", 0, "", "", "", 1, 0, 0, 0, 0, 0, 0), self.now)

    def settle(self) -> int:
        """A calm time: everything arrives, a second at a time. Returns how many seconds it took."""
        outbox = self.recorder.outbox
        for second in range(200):
            self.connect()
            while self.monitor:
                self.notice()
            self.hear_heartbeat()
            self.tick(1.0)
            while self.pipe or self.sidecar.acks:
                self.deliver(PIPE_FRAMES)
                self.sidecar.fsync()
                while self.sidecar.acks:
                    self.hear(self.sidecar.acks.popleft())
                self.tick(0.0)
            if outbox.durable == outbox.last == len(self.logged) == self.sidecar.last:
                return second + 1
        raise AssertionError(f"no peace: {outbox.durable} of {outbox.last} durable, file {self.sidecar.file[-3:]}")
