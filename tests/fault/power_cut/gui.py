"""The GUI's half without sockets: its own outbox, and the rules by which the link sends again."""

from collections.abc import Iterable

from gui.audit.outbox import Outbox, Skip
from gui.audit.sender import WANTED_TRIES
from shared.wire import UNKNOWN_RUN, VERSION, Ack, Alive, Bye, Event, Hello, Skipped, encode

NOW = 1_795_447_800_123_456
# No system gives out numbers so high; a log must not change its size with the pid of who tests it.
NO_PID = 2_000_000_000


class Gui:
    """A run. `events` are what was logged, `dropped` the numbers that the outbox could not hold."""

    def __init__(self, run: str, capacity: int) -> None:
        self.run = run
        self.outbox = Outbox(capacity)
        self.events: list[Event] = []
        self.dropped: set[int] = set()
        self.is_alive = True
        self.said_bye = False
        self._send_from = 1
        self._wanted: tuple[str, int, int] = ("", 0, 0)

    @property
    def is_settled(self) -> bool:
        """Whether everything it logged is acknowledged."""
        return self.outbox.durable == self.outbox.last

    def log(self, sizes: Iterable[int]) -> None:
        """Log an event of each of these sizes."""
        for size in sizes:
            seq, first = self.outbox.last + 1, self.outbox.first
            # No two pages alike: bytes that stand where others belong must show.
            text = f"{seq}·" * (size // 4)
            event = Event(self.run, seq, NOW + seq, "info", "upload", "a1b2c3d4", f"Event {seq}", {"text": text})
            self.events.append(event)
            self.outbox.put(seq, encode(event))
            self.dropped.update(range(first, self.outbox.first))

    def frames(self) -> list[bytes]:
        """What it sends now; a run that has logged nothing says nothing."""
        if not self.events:
            return []
        frames = []
        if self._send_from:
            frames.append(encode(Hello(self.run, VERSION, NO_PID, 1.0, self.outbox.last)))
            self.outbox.rewind(self._send_from)
            self._send_from = 0
        while (item := self.outbox.next()) is not None:
            frames.append(encode(Skipped(self.run, *item)) if isinstance(item, Skip) else item)
            self.outbox.told(item)
        if not self.is_settled:
            frames.append(encode(Alive(self.run, self.outbox.cursor - 1, urgent=False)))
        return frames

    def leave(self) -> list[bytes]:
        """The process ends and says so, once."""
        self.is_alive = False
        self.said_bye = bool(self.events)
        return [encode(Bye(self.run, self.outbox.last))] if self.events else []

    def vanish(self) -> None:
        """The process is killed, and what was not acknowledged is gone."""
        self.is_alive = False

    def hear(self, ack: Ack) -> None:
        if ack.part == UNKNOWN_RUN:
            self._send_from = self.outbox.durable + 1
            return
        self.outbox.acknowledge(ack.durable)
        if ack.wanted:
            sidecar, seq, tries = self._wanted
            tries = tries + 1 if (sidecar, seq) == (ack.sidecar, ack.wanted) else 1
            self._wanted = (ack.sidecar, ack.wanted, tries)
            if tries >= WANTED_TRIES:
                self.outbox.refuse(ack.wanted)
            self._send_from = ack.wanted

    def greet(self) -> None:
        """Begin with a Hello, and send what is not acknowledged."""
        self._send_from = self.outbox.durable + 1
