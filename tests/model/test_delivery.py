"""Outbox, recorder, link and admission under loss, duplication, reordering, crash and overflow.

Every number is in the file once: as its event, or inside one gap.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gui.audit.outbox import OVERFLOW, REFUSED
from shared.wire import MISSING, Ack
from tests.model.world import CAPACITY, CAPACITY_BYTES, POISON, WINDOW, World


class Delivery(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.poisoned: set[int] = set()
        self.heard: list[Ack] = []
        self.old_frames: list[bytes] = []
        # What an intact line never does; after it a frame may be refused or missing that need not be.
        self.duplicated = False
        self.ack_lost = False
        self.cut_from = 0
        self.largest = 0

    # The GUI.

    @rule(sizes=st.lists(st.integers(0, 150), min_size=1, max_size=5))
    def log(self, sizes: list[int]) -> None:
        for size in sizes:
            self.world.log(f"{len(self.world.logged) + 1}:{'x' * size}")

    @rule()
    def log_more_than_the_outbox_holds(self) -> None:
        self.log([1] * (CAPACITY + 4))

    @rule()
    def log_what_the_sidecar_cannot_read(self) -> None:
        self.world.log(f"{POISON} {len(self.world.logged) + 1}")
        self.poisoned.add(len(self.world.logged))

    @rule(seconds=st.sampled_from([0.05, 1.0, 5.0]))
    def tick(self, seconds: float) -> None:
        self.world.tick(seconds)

    @rule()
    def make_no_progress(self) -> None:
        self.world.hear_heartbeat()
        self.world.tick(0.0)
        self.world.hear_heartbeat()
        self.world.tick(40.0)

    # The line.

    @rule()
    def connect(self) -> None:
        self.world.connect()

    @rule()
    def notice(self) -> None:
        self.world.notice()

    @rule()
    def disconnect(self) -> None:
        self.old_frames = list(self.world.pipe)
        self.world.disconnect()

    @rule()
    def connect_and_deliver_all(self) -> None:
        # What chance rarely puts together step by step.
        self.world.connect()
        while self.world.monitor:
            self.world.notice()
        self.world.tick(0.0)
        self.world.deliver(12)

    @rule(frames=st.integers(1, 12))
    def deliver(self, frames: int) -> None:
        self.world.deliver(frames)

    @precondition(lambda self: self.old_frames)
    @rule()
    def deliver_what_an_old_connection_still_held(self) -> None:
        self.duplicated = True
        for frame in self.old_frames:
            self.world.sidecar.receive(frame)

    @precondition(lambda self: self.world.sidecar.acks)
    @rule()
    def hear_ack(self) -> None:
        ack = self.world.sidecar.acks.popleft()
        self.heard.append(ack)
        self.world.hear(ack)

    @precondition(lambda self: self.world.sidecar.acks)
    @rule()
    def lose_ack(self) -> None:
        self.ack_lost = True
        self.heard.append(self.world.sidecar.acks.popleft())

    @precondition(lambda self: self.world.sidecar.acks)
    @rule()
    def hear_newest_ack_first(self) -> None:
        self.world.hear(self.world.sidecar.acks.pop())

    @precondition(lambda self: self.heard)
    @rule(data=st.data())
    def hear_late_or_again(self, data: st.DataObject) -> None:
        ack = data.draw(st.sampled_from(self.heard))
        self.duplicated = self.duplicated or bool(ack.wanted)
        self.world.hear(ack)

    # The sidecar.

    @rule()
    def fsync(self) -> None:
        self.world.sidecar.fsync()

    @rule()
    def crash(self) -> None:
        self.disconnect()
        self.world.sidecar.crash()

    @precondition(lambda self: self.world.sidecar.file and self.world.sidecar.admission is None)
    @rule(data=st.data())
    def somebody_cuts_the_file(self, data: st.DataObject) -> None:
        self.world.sidecar.lose_tail(data.draw(st.integers(1, min(3, len(self.world.sidecar.file)))))
        self.cut_from = min(self.cut_from or self.world.sidecar.last + 1, self.world.sidecar.last + 1)

    @rule()
    def calm(self) -> None:
        self.check_calm()

    # What always holds.

    @invariant()
    def every_number_stands_once_in_the_file(self) -> None:
        following = 1
        for entry in [*self.world.sidecar.file, *self.world.sidecar.pending]:
            assert (entry.first, entry.last >= entry.first) == (following, True), entry
            following = entry.last + 1
            if not entry.reason:
                assert entry.message == self.world.logged[entry.first - 1]
            elif entry.reason == REFUSED:
                numbers = set(range(entry.first, entry.last + 1))
                assert self.duplicated or numbers <= self.poisoned, f"refused without need: {entry}"
            elif entry.reason == MISSING:
                assert self.cut_from, f"missing, but nobody cut the file: {entry}"
            else:
                assert entry.reason == OVERFLOW
                assert entry.last < self.world.recorder.outbox.first, f"lost, though it is still held: {entry}"
        assert following - 1 <= len(self.world.logged)

    @invariant()
    def acknowledged_is_durable(self) -> None:
        self.largest = max(self.largest, self.world.sidecar.last)
        durable = self.world.recorder.outbox.durable
        assert durable <= (self.largest if self.cut_from else self.world.sidecar.last)

    @invariant()
    def the_outbox_keeps_its_bounds_and_its_books(self) -> None:
        outbox = self.world.recorder.outbox
        sizes = [len(frame) for frame in outbox._frames if frame is not None]
        held = [outbox._frames[seq % CAPACITY] for seq in range(outbox.first, outbox.last + 1)]
        assert None not in held
        assert (outbox.held_bytes, len(outbox)) == (sum(sizes), len(sizes))
        assert len(outbox) <= CAPACITY
        assert outbox.held_bytes <= CAPACITY_BYTES or len(outbox) == 1
        assert 0 <= outbox.in_flight <= WINDOW + 250
        assert outbox.last == len(self.world.logged)
        assert outbox.durable <= outbox.last
        assert 1 <= outbox.cursor <= outbox.last + 1
        assert outbox.dropped >= 0

    @invariant()
    def the_newest_are_held_until_they_are_durable(self) -> None:
        outbox = self.world.recorder.outbox
        if len(outbox) < CAPACITY and not outbox.dropped:
            assert outbox.first <= outbox.durable + 1

    def check_calm(self) -> None:
        seconds = self.world.settle()
        self.every_number_stands_once_in_the_file()
        # Each poisonous event is asked for three times. An idle GUI gives a sign of life every five seconds, and a
        # question that was lost is made good by the GUI's patience, which ends after thirty.
        assert seconds <= 3 + 4 * len(self.poisoned) + 5 * bool(self.cut_from) + 31 * self.ack_lost

    def teardown(self) -> None:
        self.check_calm()


Delivery.TestCase.settings = settings(max_examples=120, stateful_step_count=50)
test_delivery = Delivery.TestCase
