"""A GUI process: the project's own outbox, recorder and sender; simulated are its sockets, its thread and its user."""

from collections import Counter
from collections.abc import Callable
from threading import Event as Arrived

import msgspec

from gui.audit.link import LINGER_MS, RETRY_S, TICK_MS
from gui.audit.outbox import Outbox
from gui.audit.recorder import Recorder
from gui.audit.sender import Sender
from shared.wire import EVENT, Ack, Event, Hello, Skipped, Upstream, decode_downstream, decode_upstream, encode
from tests.simulation.clock import BEGIN, Processes, Turns
from tests.simulation.network import Network
from tests.simulation.plan import POISON, Plan
from tests.simulation.promises import check_sent
from tests.simulation.sockets import Sockets

TICK_S, LINGER_S = TICK_MS / 1000, LINGER_MS / 1000
# Goes over the wire and into no line.
UNWRITABLE = msgspec.msgpack.Ext(7, b"no JSON")
# No life has so many reasons to begin anew: connections, questions and impatience.
MANY_HELLOS = 60
FIRST_PID = 2_000_000_000
# How long it waits for its last events: what `close` is given.
LEAVING_S = (0.0, 0.5)


class Books(Outbox):
    """An outbox that notes what it drops."""

    __slots__ = ("was_dropped",)

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan.capacity, plan.capacity_bytes, plan.window_bytes)
        self.was_dropped: set[int] = set()

    def _forget_first(self, *, delivered: bool) -> None:
        if not delivered:
            self.was_dropped.add(self.first)
        super()._forget_first(delivered=delivered)


class Gui:
    """The run number `number`. `logged` are its events in their order, `poisonous` and `unwritable` the numbers of some.

    `byes` are the last numbers that it said goodbye with, `asked` those that it was asked for; `sent` counts its frames by
    kind. `check` is called when it has heard something.
    """

    def __init__(
        self,
        number: int,
        plan: Plan,
        network: Network,
        processes: Processes,
        tell: Callable[[str], None],
        check: Callable[["Gui"], None],
    ) -> None:
        self.run = f"20261123T15300{number}Z-a1b2c3d{number}"
        self.name = f"gui {number}"
        self.outbox = Books(plan)
        self.recorder = Recorder(self.run, self.outbox)
        self.sender = Sender(self.recorder, lambda: (self._pid, self._started))
        self.logged: list[Event] = []
        self.poisonous: set[int] = set()
        self.unwritable: set[int] = set()
        self.byes: set[int] = set()
        self.asked: set[int] = set()
        self.sent: Counter[str] = Counter()
        self.is_alive = True
        self.is_leaving = False
        self._late_s = plan.late_s
        self._clock = network.clock
        self._random = network.random
        self._tally = network.tally
        self._tell = tell
        self._check = check
        self._turns = Turns(self._clock, self._turn)
        self._slow_until = 0.0
        self._sent_last: Upstream | None = None
        self.sockets = Sockets(network, self.run, plan.pipe, plan.feed, lambda: self._turns.due(self._clock.now))
        self._processes = processes
        self._pid, self._started = FIRST_PID + number, float(BEGIN + number)
        processes.living[self._pid] = self._started

    @property
    def is_settled(self) -> bool:
        """Whether everything it logged is acknowledged."""
        return self.outbox.durable == self.outbox.last == len(self.logged)

    def has_heard(self, sidecar: str) -> bool:
        """Whether that sidecar has acknowledged something of this run."""
        return self.sender.ack is not None and self.sender.ack.sidecar == sidecar

    # What its user and its program do.

    def log(self, count: int, *, poison: bool = False, unwritable: bool = False) -> None:
        for seq in range(len(self.logged) + 1, len(self.logged) + 1 + count):
            # No two pages alike: bytes that stand where others belong must show.
            extra: dict[str, object] = {"text": f"{seq}·" * self._random.choice((0, 3, 25, 175))}
            if unwritable:
                extra["value"] = UNWRITABLE
                self.unwritable.add(seq)
            if poison:
                self.poisonous.add(seq)
            at, level = round((BEGIN + self._clock.now) * 1e6), POISON if poison else "info"
            self.logged.append(Event(self.run, 0, at, level, "nav", "", f"Event {seq}", extra))
            # As it is: what no GUI would send, too.
            self.recorder.record(seq, encode((EVENT, self.run, seq, at, level, "nav", "", f"Event {seq}", extra)))
        self._tell(f"{self.name} logs up to {len(self.logged)}")
        self._link()

    def flush(self, timeout_s: float, then: Callable[[], None] = lambda: None) -> None:
        """Wait until all is durable, as `Client.flush` does."""
        last, deadline = self.recorder.settle(timeout_s), self._clock.now + timeout_s
        waiter = (last, Arrived())
        self.sender.waiting.append(waiter)
        self._turns.due(self._clock.now)

        def look() -> None:
            arrived = self.outbox.durable >= last
            if arrived or self._clock.now >= deadline:
                self.sender.waiting.remove(waiter)
                self._tally["flushes in time" if arrived else "flushes that timed out"] += 1
                then()
            else:
                self._clock.after(0.02, look)

        look()

    def be_slow(self, seconds: float) -> None:
        """Its back thread does not get to run."""
        self._slow_until = self._clock.now + seconds

    def leave(self, *, goes_on: bool) -> None:
        """Its program ends, or closes its trail and goes on."""
        self.is_leaving = True
        self.flush(self._random.choice(LEAVING_S), lambda: self._say_bye(self._speak_again if goes_on else self.die))

    def _say_bye(self, then: Callable[[], None]) -> None:
        if self.is_alive:
            self.byes.add(self.outbox.last)
            is_said = self.sender.say_bye()
            self._tell(f"{self.name} says goodbye{'' if is_said else ', and nobody hears it'}")
            # It lingers until its last frame is through.
            self._unlink(share=1.0, late_s=self._random.choice((0.0, LINGER_S)))
            self._clock.after(self._random.random() * LINGER_S, then)

    def _speak_again(self) -> None:
        self.is_leaving = False
        if self.is_alive:
            self.log(1)

    def die(self) -> None:
        """Its process is gone."""
        if self.is_alive:
            self._tell(f"{self.name} is gone")
            self.is_alive = False
            del self._processes.living[self._pid]
            self._unlink(share=self._random.choice((0.0, 1.0, self._random.random())))

    # Its back thread, as `Link` has it.

    def reconnect(self) -> None:
        """Something fails in it, and it closes its sockets and opens others."""
        self._unlink(share=self._random.random())
        self._clock.after(RETRY_S, self._link)

    def _link(self) -> None:
        if self.is_alive and not self.sockets.are_open:
            self.sockets.open()
            self._turns.due(self._clock.now)

    def _unlink(self, share: float, late_s: float = 0.0) -> None:
        self.sender.disconnect()
        self.sockets.close(share, late_s)

    def _turn(self) -> None:
        if not self.sockets.are_open:
            return
        if self._clock.now < self._slow_until:
            self._turns.due(self._slow_until)
            return
        if self.sockets.monitor:
            if self.sockets.monitor.popleft():
                self.sender.connect(self._transmit)
            else:
                self.sender.disconnect()
        while (frame := self.sockets.read()) is not None:
            self._hear(frame)
        self._check(self)
        self.sender.tick(self._clock.now)
        late = self._random.random() * self._late_s
        self._turns.due(self._clock.now if self.sockets.monitor else self._clock.now + TICK_S + late)

    def _hear(self, frame: bytes) -> None:
        message = decode_downstream(frame)
        if isinstance(message, Ack):
            self.asked.add(message.wanted)
            wanted = f", and is asked for {message.wanted}" if message.wanted else ""
            self._tell(f"     {self.name} hears that {message.durable} is durable{wanted}")
        self.sender.hear(message, self._clock.now)

    def _transmit(self, frame: bytes) -> bool:
        if not self.sockets.transmit(frame):
            return False
        message = None if POISON.encode() in frame else decode_upstream(frame)
        if message is not None:
            check_sent(self, message, self._sent_last)
        self._sent_last = message
        self.sent[type(message).__name__ if message else "Poison"] += 1
        assert self.sent["Hello"] < MANY_HELLOS, f"{self.name} begins anew for ever"
        if isinstance(message, Hello):
            self._tell(f"     {self.name} says hello; its last number is {message.seq}")
        elif isinstance(message, Skipped):
            self._tell(f"     {self.name} skips {message.first} to {message.last}: {message.reason}")
        return True
