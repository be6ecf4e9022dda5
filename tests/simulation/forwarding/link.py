"""A modelled connection to the stream: late, cut in the middle, deaf one way or the other; in the place of `forward.link.Link`."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING, NamedTuple, cast

from sidecar.forward.lane import Answer, Message, Stored, Unanswered
from sidecar.forward.link import ANSWER_S, LinkError, _answer
from sidecar.forward.resume import Held
from sidecar.forward.subject import parse_message_id
from tests.simulation.forwarding.stream import Stream

if TYPE_CHECKING:
    from nats.aio.msg import Msg

# Between two messages of a burst on the wire.
GAP_S = 1e-5
_LATE_S = 20.0


class _Reply(NamedTuple):
    data: bytes
    headers: None = None


class Network:
    """Between all desks and the stream; `is_up` while the server listens. A message takes its leader `service_s` seconds."""

    def __init__(self, stream: Stream, chance: Random, tally: Counter[str], latency_s: float, loss: float) -> None:
        self.stream = stream
        self.chance = chance
        self.tally = tally
        self.latency_s = latency_s
        self.loss = loss
        self.commit_s = latency_s
        self.service_s = self.free_at = 0.0
        self.is_up = True
        self.links: list[ModelLink] = []

    def cut(self, links: Sequence["ModelLink"]) -> None:
        for link in links:
            link.cut()

    def start_server(self) -> None:
        self.is_up = True

    def stop_server(self) -> None:
        self.is_up = False
        self.cut(list(self.links))


class ModelLink:
    """What a forwarder sees of it."""

    max_payload = 1024 * 1024
    complaint = "the connection broke"

    def __init__(self, network: Network, desk: int) -> None:
        self.desk = desk
        self.stream, self.created, self.last_seq = "", "", 0
        self._network = network
        self._broken = asyncio.Event()
        self._free_at = self._back_at = 0.0
        self._sending = asyncio.Lock()
        network.links.append(self)

    async def open(self) -> None:
        await self._travel()
        self.stream = self._network.stream.name
        await self.look_again()
        self._network.tally["connections"] += 1

    async def wait_broken(self) -> str:
        await self._broken.wait()
        return self.complaint

    async def look_again(self) -> None:
        await self._travel()
        if not self._network.stream.has_leader:
            raise LinkError("no leader")
        self.created, self.last_seq = self._network.stream.created, self._network.stream.last_seq
        await self._travel()

    async def last(self, subject: str) -> Held | None:
        await self._travel()
        if not self._network.stream.has_leader:
            raise LinkError("no leader")
        found = self._network.stream.last(subject)
        if found is not None:
            # Only what is committed is told.
            self._network.stream.say(found.seq)
        await self._travel()
        if found is None:
            return None
        line = parse_message_id(found.id)
        if line is None:
            raise LinkError("the stream holds a message that is no line of a log")
        return Held(line.part, line.line, found.seq, found.body)

    async def publish(self, subject: str, messages: Sequence[Message]) -> list[Answer]:
        if self._broken.is_set():
            raise LinkError(self.complaint)
        loop = asyncio.get_running_loop()
        answers: list[Answer | None] = [None] * len(messages)
        done = asyncio.Event()
        async with self._sending:
            at = max(self._free_at, loop.time() + self._network.latency_s)
            for index, message in enumerate(messages):
                at += GAP_S
                loop.call_at(at, self._arrive, subject, message, index, answers, done)
            self._free_at = at
        waiting = [asyncio.ensure_future(each.wait()) for each in (done, self._broken)]
        try:
            await asyncio.wait(waiting, timeout=ANSWER_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waiting:
                each.cancel()
        if self._broken.is_set() and not done.is_set():
            raise LinkError(self.complaint)
        return [each or Unanswered("no answer") for each in answers]

    async def close(self) -> None:
        self.cut()

    def cut(self) -> None:
        """What is on its way may be lost, or come late."""
        if not self._broken.is_set():
            self._broken.set()
            self._network.links.remove(self)

    def _arrive(
        self, subject: str, message: Message, index: int, answers: list[Answer | None], done: asyncio.Event
    ) -> None:
        network, loop = self._network, asyncio.get_running_loop()
        if network.service_s:
            network.free_at = max(network.free_at, loop.time()) + network.service_s
            loop.call_at(network.free_at, self._process, subject, message, index, answers, done)
        else:
            self._process(subject, message, index, answers, done)

    def _process(
        self, subject: str, message: Message, index: int, answers: list[Answer | None], done: asyncio.Event
    ) -> None:
        network, fate = self._network, self._network.chance.random()
        if self._broken.is_set():
            if fate < 0.3:
                self._store_late(subject, message, "messages that came late")
            return
        if fate < network.loss:
            network.tally["messages lost"] += 1
            return
        if fate < 2 * network.loss:
            self._store_late(subject, message, "messages doubled")
        data = self._store(subject, message)
        if data is None:
            return
        if fate > 1 - network.loss:
            network.tally["answers lost"] += 1
            return
        self._answer(_answer(cast("Msg", _Reply(data))), index, answers, done)

    def _answer(self, answer: Answer, index: int, answers: list[Answer | None], done: asyncio.Event) -> None:
        network, loop = self._network, asyncio.get_running_loop()
        term = network.stream.term
        back_at = max(self._back_at, loop.time() + network.commit_s + network.latency_s) + GAP_S / 2
        self._back_at = back_at

        def commit() -> None:
            # Of what a lost leader had taken nobody hears.
            if network.stream.term == term:
                if isinstance(answer, Stored):
                    network.stream.say(answer.seq)
                loop.call_at(back_at, take)

        def take() -> None:
            if not self._broken.is_set():
                answers[index] = answer
                if None not in answers:
                    done.set()

        loop.call_at(back_at - network.latency_s, commit)

    def _store_late(self, subject: str, message: Message, what: str) -> None:
        late_s = self._network.chance.uniform(0, _LATE_S)
        asyncio.get_running_loop().call_later(late_s, self._come_late, subject, message)
        self._network.tally[what] += 1

    def _come_late(self, subject: str, message: Message) -> None:
        # No network keeps a message for as long as a stream keeps it, days: that one would begin an empty subject again.
        if not self._network.stream.has_let_go(subject):
            self._store(subject, message)

    def _store(self, subject: str, message: Message) -> bytes | None:
        stream = self._network.stream
        if not self._network.is_up or not stream.has_leader:
            return None
        return stream.publish(subject, message, asyncio.get_running_loop().time())

    async def _travel(self) -> None:
        if self._broken.is_set() or not self._network.is_up:
            raise LinkError("Connection refused")
        await asyncio.sleep(self._network.latency_s)
        if self._broken.is_set():
            raise LinkError(self.complaint)
