"""A modelled desk: a sidecar that writes logs, and the project's own forwarder beside it."""

import asyncio
import contextlib
from random import Random
from typing import TYPE_CHECKING, cast

from shared.wire import Forwarding
from sidecar.forward.cursor import BrokenCursorError, decode_cursor
from sidecar.forward.extent import Told
from sidecar.forward.forwarder import Forwarder
from sidecar.forward.subject import message_id
from sidecar.forward.target import Target
from tests.simulation.forwarding.files import Directory, PartData
from tests.simulation.forwarding.plan import Plan

if TYPE_CHECKING:
    from pathlib import Path


class Desk:
    """`deleted` are runs whose logs were deleted before the stream had them, `silent` those of which no forwarder can know."""

    def __init__(self, number: int, plan: Plan, chance: Random) -> None:
        self.number = number
        self.directory = Directory()
        self.target = Target((f"nats://{number}",), host=f"desk{number}", rate=plan.rate)
        self.notices: set[str] = set()
        self.forwarder: Forwarder | None = None
        self.deleted: set[str] = set()
        self.silent: set[str] = set()
        self.lost: dict[str, list[tuple[str, bytes]]] = {}
        self._plan = plan
        self._chance = chance
        self._task: asyncio.Task[None] | None = None
        # Of the same names on all desks.
        self._runs = [f"20261123T15300{at}Z-00000000" for at in range(plan.runs)]
        self._texts = 0

    @property
    def first_run(self) -> str:
        """The first of its runs."""
        return self._runs[0]

    # The forwarder.

    def start(self) -> None:
        """Start it, and say what is durable of the runs that are open."""
        if self._task is not None and self._task.done():
            # Nothing that happens here may end it.
            self._task.result()
        if self._task is None:
            # What the one before did not say, only the cursor can tell this one.
            known = self.unfinished()
            self.silent |= {run for run in self.deleted if run not in known and not self.has_said(run)}
            self.forwarder = Forwarder(cast("Path", self.directory), self.target, self._hear)
            self._task = asyncio.ensure_future(self.forwarder.run())
            self.forwarder.take(
                {run: self._told(run) for run in self.directory.runs if run not in self.directory.closed}
            )

    async def kill(self) -> None:
        """Kill it: nothing that it does on its end gets out."""
        if self._task is not None:
            task, self._task, self.forwarder = self._task, None, None
            self.directory.writers += 1
            if task.done():
                task.result()
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _hear(self, state: Forwarding) -> None:
        self.notices.add(state.notice)

    # The sidecar.

    async def write(self) -> None:
        """Write all lines of all runs, now and then in the middle of trouble."""
        wait = self._plan.trouble_s / self._plan.lines / self._plan.runs
        for run in self._runs:
            for _ in range(self._plan.lines):
                self.append(run)
                await asyncio.sleep(self._chance.uniform(0, wait))
                if self._chance.random() < 0.1:
                    self.cut_back(run)
                self.sync(run)
            self.append(run)
            self.sync(run)
            self.directory.closed.add(run)

    def append(self, run: str) -> None:
        """A line that is not durable yet."""
        parts = self.directory.runs.setdefault(run, {1: PartData()})
        newest = max(parts)
        part = parts[newest]
        if part.data.count(b"\n") >= self._plan.part_lines and part.durable == len(part.data):
            part = parts[newest + 1] = PartData()
        self._texts += 1
        part.data += b"desk %d, text %d%s\n" % (self.number, self._texts, b"." * self._chance.randrange(30))
        part.settled_at = asyncio.get_running_loop().time()

    def cut_back(self, run: str) -> None:
        """The disk refused it: what is not durable goes, and another line comes."""
        part = self.directory.runs[run][max(self.directory.runs[run])]
        if part.durable < len(part.data):
            del part.data[part.durable :]
            self.append(run)

    def sync(self, run: str) -> None:
        """What there is is durable, and the forwarder is told."""
        part = self.directory.runs[run][max(self.directory.runs[run])]
        part.durable = len(part.data)
        if self.forwarder is not None:
            self.forwarder.take({run: self._told(run)})

    def _told(self, run: str) -> Told:
        parts = self.directory.runs[run]
        newest = max(parts)
        if not parts[newest].durable and newest > 1:
            newest -= 1
        return Told(newest, parts[newest].durable)

    def mend(self) -> None:
        """A new sidecar cuts off what is not known to be durable; or takes it, since it is there."""
        for run, parts in self.directory.runs.items():
            if run in self.directory.closed:
                continue
            part = parts[max(parts)]
            if part.durable < len(part.data):
                self.cut_back(run)
                self.sync(run)

    # What can be done to its files.

    def lines(self, run: str) -> list[tuple[str, bytes]]:
        """Ids and texts of what is durable of a run."""
        if run in self.lost:
            return self.lost[run]
        return [
            (message_id(self.target.host, run, number, at), line)
            for number, part in sorted(self.directory.runs.get(run, {}).items())
            for at, line in enumerate(bytes(part.data[: part.durable]).split(b"\n")[:-1], 1)
        ]

    def all_runs(self) -> list[str]:
        return [run for run in self._runs if self.lines(run)]

    def damage_cursor(self, what: str, amount: float) -> None:
        directory = self.directory
        match what:
            case "lose the cursor":
                directory.cursor = None
            case "restore an old cursor" if directory.cursors:
                directory.cursor = directory.cursors[int(amount * len(directory.cursors))]
            case "tear the cursor" if directory.cursor:
                directory.cursor = directory.cursor[: int(amount * len(directory.cursor))]

    def compress(self) -> None:
        """What is closed, and the parts behind which there is another."""
        for run, parts in self.directory.runs.items():
            for number, part in parts.items():
                if number < max(parts) or run in self.directory.closed:
                    part.compressed = True

    def delete(self, written_before: float) -> str | None:
        """Delete a closed log, as retention does; its run."""
        for run in self._runs:
            parts = self.directory.runs.get(run)
            if run in self.directory.closed and parts and parts[max(parts)].settled_at < written_before:
                self.lost[run] = self.lines(run)
                del self.directory.runs[run]
                return run
        return None

    def has_said(self, run: str) -> bool:
        """Whether a forwarder said that something of a run is missing."""
        return any(run in notice for notice in self.notices)

    def unfinished(self) -> list[str]:
        """Of which runs the cursor's file says that something was yet to be forwarded."""
        try:
            return decode_cursor(self.directory.cursor or b"").unfinished
        except BrokenCursorError:
            return []

    def covered(self) -> dict[str, tuple[int, int]]:
        """Up to which part and line the cursor's file knows of each run."""
        try:
            cursor = decode_cursor(self.directory.cursor or b"")
        except BrokenCursorError:
            return {}
        return {run: position[:2] for run, position in cursor.positions().items()}
