"""One simulation: desks with the project's own forwarders, the network, the stream; what happens to them, and whether all is well."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from random import Random
from typing import Any
from unittest.mock import patch

from sidecar.forward import forwarder, logs, memory, progress, sender
from sidecar.forward.subject import parse_message_id
from sidecar.forward.target import Target
from tests.simulation.by_seed import BrokenError
from tests.simulation.forwarding.clock import Clock, VirtualLoop, here
from tests.simulation.forwarding.desk import Desk
from tests.simulation.forwarding.files import CursorFile, Files
from tests.simulation.forwarding.link import ModelLink, Network
from tests.simulation.forwarding.plan import Happening, Plan, draw_plan
from tests.simulation.forwarding.stream import Stream

# All that waits must be there so long after the last trouble: an answer that never comes, a window of two minutes.
_CALM_S = 300.0
_POLL_S = 0.5
ROOM = 10**9


class World:
    """`told` is what happened, `tally` how often."""

    def __init__(self, plan: Plan, chance: Random, loop: VirtualLoop) -> None:
        self.plan = plan
        self.chance = chance
        self.loop = loop
        self.tally: Counter[str] = Counter()
        self.told: list[str] = []
        self.stream = Stream(plan.window_s, ROOM, self.tally)
        self.network = Network(self.stream, chance, self.tally, plan.latency_s, plan.loss)
        self.desks = [Desk(number, plan, chance) for number in range(plan.desks)]

    async def connect(self, _: Target, url: str) -> ModelLink:
        """Stands for Link.connect."""
        return await connect(self.network, url)

    async def live(self) -> None:
        """Until all that waits should have come through."""
        for desk in self.desks:
            desk.start()
        writing = [asyncio.ensure_future(desk.write()) for desk in self.desks]
        for happening in self.plan.happenings:
            await asyncio.sleep(max(happening.at - self.loop.time(), 0))
            await self._happen(happening)
        self.network.loss = 0.0
        await asyncio.gather(*writing)
        # What was to be let alone for a while is not any more.
        await asyncio.sleep(_POLL_S)
        self._mend_all()
        end = self.loop.time() + _CALM_S
        while self._missing() and self.loop.time() < end:
            await asyncio.sleep(_POLL_S)
            self._mend_all()
        # What comes late must not do harm either.
        await asyncio.sleep(25)
        for desk in self.desks:
            await desk.kill()
        self.note(f"the end, {self.stream.last_seq} messages")

    def _mend_all(self) -> None:
        self.network.is_up = self.stream.has_leader = True
        self.stream.room = ROOM
        for desk in self.desks:
            desk.start()

    def _missing(self) -> bool:
        return any(
            len(self.held(desk, run)) < len(desk.lines(run))
            for desk in self.desks
            for run in desk.all_runs()
            if run not in desk.deleted
        )

    def held(self, desk: Desk, run: str) -> list[tuple[str, bytes]]:
        """What the stream has, and had, of a run."""
        return [(each.id, each.body) for each in self.stream.of(desk.target.subject(run))]

    async def _happen(self, happening: Happening) -> None:  # noqa: C901 - a list of all that can happen
        desk = self.desks[happening.desk]
        self.note(f"{happening.what}, desk {desk.number}")
        self.tally[happening.what] += 1
        back_at = happening.amount * 3
        match happening.what:
            case "kill the forwarder":
                await self._kill(desk)
                self.loop.call_later(back_at / 3, desk.start)
            case "kill the sidecar":
                await self._kill(desk)
                desk.mend()
                self.loop.call_later(back_at / 3, desk.start)
            case "cut":
                self.network.cut([link for link in self.network.links if link.desk == desk.number])
            case "lose the cursor" | "restore an old cursor" | "tear the cursor":
                await self._kill(desk)
                desk.damage_cursor(happening.what, happening.amount)
                desk.start()
            case "compress":
                desk.compress()
            case "delete":
                if happening.amount > 1 / 2:
                    await self._kill(desk)
                self._delete(desk, by_retention=happening.amount < 1 / 3)
                self.loop.call_later(back_at / 3, desk.start)
            case "restart the server":
                self.network.stop_server()
                self.loop.call_later(back_at, self.network.start_server)
            case "lose the leader":
                self.stream.lose_leader(self.chance)
                self.loop.call_later(back_at, self.stream.elect)
            case "fill the stream":
                self.stream.room = len(self.stream.kept) - len(self.stream.gone) + int(happening.amount * 10)
                self.loop.call_later(2 * back_at, setattr, self.stream, "room", ROOM)
            case "let go":
                self._let_go()
            case other:
                raise AssertionError(other)

    async def _kill(self, desk: Desk) -> None:
        self.network.cut([link for link in self.network.links if link.desk == desk.number])
        await desk.kill()

    def _delete(self, desk: Desk, *, by_retention: bool) -> None:
        # It deletes no log that is so young that the forwarder has not found its end; somebody may.
        run = desk.delete(self.loop.time() - by_retention * (logs.SETTLED_S + forwarder.LOOK_S))
        known = desk.forwarder._logs._logs.get(run or "") if desk.forwarder else None
        knows = known is not None and bool(known.stretches)
        if run is not None and len(self.held(desk, run)) < len(desk.lines(run)):
            desk.deleted.add(run)
            if not knows and run not in desk.unfinished():
                desk.silent.add(run)
            self.tally["deleted before it was forwarded"] += 1

    def _let_go(self) -> None:
        old: set[int] = set()
        for desk in self.desks:
            covered = desk.covered()
            for run in desk.all_runs():
                for each in self.stream.of(desk.target.subject(run)):
                    line = parse_message_id(each.id)
                    if line and each.seq <= self.stream._said and (line.part, line.line) <= covered.get(run, (0, 0)):
                        old.add(each.seq)
        self.stream.let_go(old - self.stream.gone)

    def note(self, what: str) -> None:
        self.told.append(f"{self.loop.time():9.3f} {what}; {self.stream.last_seq} messages in the stream")

    def check(self) -> None:
        """Each durable line is there once, and in order. Raises AssertionError."""
        for desk in self.desks:
            for run in desk.all_runs():
                held, durable = self.held(desk, run), desk.lines(run)
                if run not in desk.deleted:
                    first = next(
                        (at for at, pair in enumerate(zip(held, durable, strict=False)) if pair[0] != pair[1]), None
                    )
                    assert held == durable, (
                        f"desk {desk.number}, run {run}: {len(held)} lines are held of {len(durable)}, "
                        f"the first that differs is {first}"
                    )
                else:
                    place = {each: at for at, each in enumerate(durable)}
                    order = [place[each] for each in held]
                    assert order == sorted(set(order)), f"desk {desk.number}, run {run}: out of order"
                    said = run in desk.silent or desk.has_said(run)
                    self.tally["deleted, and said" if run not in desk.silent else "deleted, and nobody saw it"] += 1
                    assert said or len(held) == len(durable), (
                        f"{run} was deleted before it was forwarded, and nobody says so"
                    )


async def connect(network: Network, url: str) -> ModelLink:
    """A connection of the desk at `url`."""
    link = ModelLink(network, int(url.rpartition("/")[2]))
    try:
        await link.open()
    except BaseException:
        await link.close()
        raise
    return link


@contextlib.contextmanager
def modelled(
    loop: VirtualLoop, chance: Random, connect: Callable[[Target, str], Awaitable[ModelLink]]
) -> Iterator[None]:
    """With a modelled clock, network and disk in the place of the real ones."""
    clock = Clock(loop)

    class Connects:
        pass

    Connects.connect = staticmethod(connect)  # type: ignore[attr-defined]

    changes: list[tuple[Any, str, Any]] = [
        (forwarder, "Link", Connects), (forwarder, "time", clock), (forwarder, "random", chance), (sender, "time", clock), (logs, "time", clock),
        (logs, "LogFiles", Files), (sender, "LogFiles", Files), (memory, "CursorFile", CursorFile),
        (asyncio, "to_thread", here), (progress, "now", lambda: int(loop.time() * 1e6)),
    ]  # fmt: skip
    with contextlib.ExitStack() as stack:
        for owner, name, value in changes:
            stack.enter_context(patch.object(owner, name, value))
        yield


def ignore_the_killed(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """An exception handler for a loop."""
    if "was destroyed" not in context["message"]:
        loop.default_exception_handler(context)


def end(loop: VirtualLoop) -> None:
    """Leave nothing of it behind."""
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop.close()


def live_through(seed: int) -> World:
    """The world of `seed`, at its end. Raises BrokenError."""
    chance = Random(seed)  # noqa: S311
    loop = VirtualLoop()
    # Who is killed leaves behind what he waited for.
    loop.set_exception_handler(ignore_the_killed)
    world = World(draw_plan(chance), chance, loop)
    try:
        with modelled(loop, chance, world.connect):
            try:
                loop.run_until_complete(world.live())
            finally:
                end(loop)
        world.check()
    except Exception as error:
        # Whatever it is that somebody in it does not survive: it is this seed that shows it.
        raise BrokenError("tests.simulation.forwarding", seed, [str(world.plan), *world.told], error) from error
    return world
