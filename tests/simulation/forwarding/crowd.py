"""Many desks that forward into a stream, or several, and an outage of the server that all of them have to catch up from."""

import asyncio
import time
from collections import Counter
from random import Random
from typing import NamedTuple

import psutil

from sidecar.forward.target import DEFAULT_RATE, Target
from tests.simulation.forwarding.clock import VirtualLoop
from tests.simulation.forwarding.desk import Desk
from tests.simulation.forwarding.link import ModelLink, Network
from tests.simulation.forwarding.plan import Plan
from tests.simulation.forwarding.stream import Stream
from tests.simulation.forwarding.world import ROOM, connect, end, ignore_the_killed, modelled

WINDOW_S = 120.0
# What one stream's leader takes: the measured figure is in sidecar/forward/SCALE.md.
SERVICE_S = 1 / 60_000
_MOST_S = 3_600


class Crowd(NamedTuple):
    """`lines` a second of each desk for `seconds`, of which the server is away for `outage` from a third on."""

    desks: int
    streams: int
    lines: float
    seconds: float
    outage: float
    latency: float


class Result(NamedTuple):
    """`caught_up_s` after the outage; `wrong` counts desks whose lines are not there once and in order."""

    stored: int
    sent: int
    caught_up_s: float
    fastest: int
    connections: int
    ids: int
    wrong: int
    memory: int
    took_s: float


class _Living:
    def __init__(self, crowd: Crowd, loop: VirtualLoop) -> None:
        self.crowd = crowd
        self.loop = loop
        self.tally: Counter[str] = Counter()
        self.written = 0
        self.caught_up_s = 0.0
        self.fastest = self.connections = 0
        chance = Random(crowd.desks)  # noqa: S311
        self.chance = chance
        self.networks = [
            Network(Stream(WINDOW_S, ROOM, self.tally), chance, self.tally, crowd.latency, 0.0)
            for _ in range(crowd.streams)
        ]
        for network in self.networks:
            network.service_s = SERVICE_S
        lines = max(int(crowd.lines * crowd.seconds), 1)
        plan = Plan(crowd.desks, 1, lines, 10**6, DEFAULT_RATE, WINDOW_S, crowd.latency, 0.0, crowd.seconds, ())
        self.desks = [Desk(number, plan, chance) for number in range(crowd.desks)]

    async def connect(self, _: Target, url: str) -> ModelLink:
        desk = int(url.rpartition("/")[2])
        return await connect(self.networks[desk % self.crowd.streams], url)

    async def live(self) -> None:
        crowd = self.crowd
        for desk in self.desks:
            # Nobody's computer starts in the same moment as all others.
            self.loop.call_later(self.chance.random(), desk.start)
            self._write_later(desk)
        for network in self.networks:
            self.loop.call_at(crowd.seconds / 3, network.stop_server)
            self.loop.call_at(crowd.seconds / 3 + crowd.outage, network.start_server)
        back = crowd.seconds / 3 + crowd.outage
        before = connected = 0
        while self.loop.time() < crowd.seconds or self.tally["stored"] < self.written:
            if self.loop.time() > _MOST_S:
                return
            await asyncio.sleep(1)
            stored = self.tally["stored"]
            self.fastest, before = max(self.fastest, stored - before), stored
            if self.loop.time() > back:
                self.connections = max(self.connections, self.tally["connections"] - connected)
            connected = self.tally["connections"]
            # What is on its way always, is no backlog.
            normal = crowd.desks * crowd.lines * (1 + 4 * crowd.latency)
            if self.loop.time() > back and not self.caught_up_s and self.written - stored <= normal:
                self.caught_up_s = self.loop.time() - back

    def _write_later(self, desk: Desk) -> None:
        self.loop.call_later(self.chance.expovariate(self.crowd.lines), self._write, desk)

    def _write(self, desk: Desk) -> None:
        if self.loop.time() < self.crowd.seconds:
            desk.append(desk.first_run)
            desk.sync(desk.first_run)
            self.written += 1
            self._write_later(desk)

    def wrong(self) -> int:
        held: dict[str, list[tuple[str, bytes]]] = {}
        for network in self.networks:
            for each in network.stream.kept:
                held.setdefault(each.subject, []).append((each.id, each.body))
        return sum(
            held.get(desk.target.subject(desk.first_run), []) != desk.lines(desk.first_run) for desk in self.desks
        )


def live(crowd: Crowd) -> Result:
    """Let them live."""
    begun, loop = time.perf_counter(), VirtualLoop()
    loop.set_exception_handler(ignore_the_killed)
    living = _Living(crowd, loop)
    with modelled(loop, living.chance, living.connect):
        loop.run_until_complete(living.live())
        wrong = living.wrong()
        memory = psutil.Process().memory_info().rss
        end(loop)
    refused = sum(times for what, times in living.tally.items() if what.startswith("refused"))
    stored = living.tally["stored"]
    return Result(
        stored, stored + refused, living.caught_up_s, living.fastest, living.connections,
        sum(each.stream.most_ids for each in living.networks), wrong, memory, time.perf_counter() - begun,
    )  # fmt: skip


def describe(crowd: Crowd, result: Result) -> str:
    """What came of it."""
    return (
        f"{crowd.desks:,} desks, {crowd.streams} streams, {crowd.lines:g} lines/s each, {crowd.latency * 1e3:g} ms one way\n"
        f"{result.stored:,} lines stored, {1 - result.stored / max(result.sent, 1):.0%} of what was sent refused; "
        f"{result.wrong} desks wrong\n"
        f"after {crowd.outage:g} s without a server: at most {result.connections:,} connected in a second, "
        f"caught up in {result.caught_up_s:.0f} s, at most {result.fastest:,} lines/s\n"
        f"at most {result.ids:,} ids in deduplication windows of {WINDOW_S:g} s\n"
        f"{result.memory / 2**20:,.0f} MiB of memory, {result.took_s:.0f} s, "
        f"{result.stored / result.took_s:,.0f} lines a second of real time"
    )
