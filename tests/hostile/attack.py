"""Hostile frames on all sockets of a real sidecar while an honest GUI logs; and the account of it."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from random import Random

import psutil
import zmq

from shared.naming import Directories
from shared.wire import Status
from sidecar.question import ask_status
from tests.hostile.frames import Frame, Generator
from tests.hostile.peers import Peer, descriptors, garbage, ready, subscriptions
from tests.support import logs
from tests.support.processes import Pair, Producer, Sidecar
from tests.support.waiting import DEADLINE, until

# Of so many frames, one message goes to `ask` and one batch of subscriptions to `acks`; of so many, a broken conversation.
ASK_EVERY, SUBSCRIBE_EVERY, GARBAGE_EVERY, SEVERAL_EVERY = 10, 50, 25, 100
PARTS = [2, 3, 100]
MANY_PARTS = 2_000
# So many beside one honest GUI, then it is the turn of another.
ROUND = 20_000
HONEST_PER_S = 200.0
CHANNELS = ["events", "ask", "acks"]


@dataclass
class Account:
    """What was sent, and what it cost the sidecar: resident bytes, descriptors, processor seconds."""

    seed: int
    sent: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    questions: int = 0
    subscriptions: int = 0
    conversations: int = 0
    honest: int = 0
    guis: int = 0
    seconds: float = 0.0
    processor: float = 0.0
    memory: tuple[int, int, int] = (0, 0, 0)
    descriptors: tuple[int, int] = (0, 0)

    def lines(self) -> list[str]:
        before, most, after = (f"{size / 2**20:.0f} MiB" for size in self.memory)
        fds = "{} descriptors before, {} after".format(*self.descriptors)
        return [
            f"seed {self.seed}: {self.sent.total():,} frames in {self.seconds:.0f} s, {self.refused:,} refused",
            *(f"  {kind:<16} {number:>9,}" for kind, number in sorted(self.sent.items())),
            f"  beside them {self.questions:,} questions, {self.subscriptions:,} subscriptions",
            f"  and {self.conversations:,} broken conversations",
            f"  {self.guis} honest GUIs logged {self.honest:,} events, each of which is on disk once",
            f"  the sidecar: {before} before, {most} at most, {after} after; {fds}; {self.processor:.1f} s of processor",
        ]


class Attack:
    """Against the sidecar of `pair`, from one seed."""

    def __init__(self, pair: Pair, sidecar: Sidecar, seed: int) -> None:
        self.account = Account(seed)
        self._pair = pair
        self._sidecar = sidecar
        self._process = psutil.Process(sidecar.ready_pid)
        self._chance = Random(seed)  # noqa: S311 - the same again from the same seed
        me = psutil.Process()
        self._frames = Generator(seed, me.pid, me.create_time()).frames()
        self._garbage = garbage(self._chance)
        self._peak = 0
        self._subscriber: Peer | None = None

    def run(self, frames: int) -> Account:
        """Send so many, and return when the sidecar has dealt with all of them. Fails if anything honest was lost."""
        before, fds, begun = self._memory(), descriptors(self._process.pid), time.monotonic()
        used = sum(self._process.cpu_times()[:2])
        with self._sockets() as (push, dealer):
            while (left := frames - self.account.sent.total()) > 0:
                honest = self._pair.producer()
                honest.ask("flood", 1, HONEST_PER_S, 100)
                self._send_all(push, dealer, min(left, ROUND))
                self._wait_for_refusals()
                self._check_honest(honest)
        peak = max(self._peak, self._memory())
        until(
            lambda: descriptors(self._process.pid) < fds + 40, lambda: f"{descriptors(self._process.pid)} descriptors"
        )
        self.account.seconds = time.monotonic() - begun
        self.account.processor = sum(self._process.cpu_times()[:2]) - used
        self.account.memory, self.account.descriptors = (
            (before, peak, self._memory()),
            (fds, descriptors(self._process.pid)),
        )
        return self.account

    def status(self) -> Status:
        return ask_status(Directories(self._pair.audit, self._pair.run_dir), DEADLINE)

    def _send_all(self, push: zmq.Socket[bytes], dealer: zmq.Socket[bytes], frames: int) -> None:
        while frames > 0:
            batch = list(islice(self._frames, 1))
            if self._is_turn(SEVERAL_EVERY):
                batch += islice(self._frames, min(self._chance.choice(PARTS), frames))
            frames -= len(batch)
            self._send(push, batch)
            if self._is_turn(ASK_EVERY):
                self._ask(dealer, batch)
            if self._is_turn(SUBSCRIBE_EVERY):
                self._subscribe()
            if self._is_turn(GARBAGE_EVERY):
                self._talk()

    @contextmanager
    def _sockets(self) -> Iterator[tuple[zmq.Socket[bytes], zmq.Socket[bytes]]]:
        with zmq.Context() as context, context.socket(zmq.PUSH) as push, context.socket(zmq.DEALER) as dealer:
            for each, channel in ((push, "events"), (dealer, "ask")):
                each.set(zmq.LINGER, 0)
                each.set(zmq.SNDTIMEO, int(DEADLINE * 1000))
                each.connect(f"ipc://{self._pair.run_dir / channel}")
            self._send(push, list(islice(self._frames, MANY_PARTS)))
            yield push, dealer
        if self._subscriber:
            self._subscriber.close()

    def _is_turn(self, every: int) -> bool:
        return self._chance.randrange(every) == 0

    def _send(self, push: zmq.Socket[bytes], frames: list[Frame]) -> None:
        push.send_multipart([frame.data for frame in frames])
        self.account.sent.update(frame.kind for frame in frames)
        self.account.refused += sum(frame.refused for frame in frames)

    def _ask(self, dealer: zmq.Socket[bytes], frames: list[Frame]) -> None:
        """What is no question, and one whose answer nobody reads."""
        dealer.send_multipart([b"", *(frame.data[:1024] for frame in frames[:5])])
        dealer.send_multipart([self._chance.randbytes(8), b"status"])
        self.account.questions += 2

    def _subscribe(self) -> None:
        self._peak = max(self._peak, self._memory())
        if self._subscriber is None:
            self._subscriber = Peer(self._pair.run_dir / "acks")
            self._subscriber.send(ready(b"SUB"))
        self.account.subscriptions += 20
        if not self._subscriber.send(subscriptions(self._chance, 20)) or self._is_turn(10):
            self._subscriber.close()
            self._subscriber = None

    def _talk(self) -> None:
        channel = self._chance.choice(CHANNELS)
        peer = Peer(self._pair.run_dir / channel)
        peer.send(
            next(self._garbage) if channel == "events" else self._chance.randbytes(self._chance.randrange(1, 500))
        )
        peer.close()
        self.account.conversations += 1

    def _wait_for_refusals(self) -> None:
        wanted = self.account.refused

        def all_refused() -> bool:
            assert self._sidecar.popen.poll() is None, f"the sidecar ended: {self._sidecar.err[-5:]}"
            return self.status().heartbeat.refused >= wanted

        until(all_refused, lambda: f"{wanted} refused; it is {self.status().heartbeat}", 10 * DEADLINE)
        assert (refused := self.status().heartbeat.refused) == wanted, f"{refused} refused; {wanted} must be"

    def _check_honest(self, honest: Producer) -> None:
        [logged] = honest.ask("stop_flood")["logged"]
        honest.wait_for_durable(logged)
        records = logs.read(honest.log)
        assert logs.gaps(records) == []
        assert logs.messages(records) == [f"thread 0 event {number}" for number in range(1, logged + 1)]
        self.account.honest += logged
        self.account.guis += 1
        # The next one is another run.
        assert honest.end() == 0

    def _memory(self) -> int:
        return self._process.memory_info().rss
