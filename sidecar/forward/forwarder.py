"""The forwarder: keeps a connection, has a sender forward what may go over it, and says how far that is."""

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from shared.wire import Forwarding
from sidecar.forward.calls import Calls
from sidecar.forward.extent import Told
from sidecar.forward.link import Link, LinkError
from sidecar.forward.logs import Logs
from sidecar.forward.memory import Memory
from sidecar.forward.progress import Progress
from sidecar.forward.rate import Rate
from sidecar.forward.sender import Sender
from sidecar.forward.target import Target

RETRY_S, RETRY_MAX_S = 0.25, 5.0
LOOK_S, COUNT_S, TELL_S, SAVE_S = 3.0, 0.5, 0.25, 2.0
# Between two looks at which logs have more, when nothing was heard.
IDLE_S = 0.5
_POLL_S = 0.02


class Forwarder:
    """Forwards the logs of `directory`; `tell` hears how far it is, from the event loop's thread."""

    def __init__(self, directory: Path, target: Target, tell: Callable[[Forwarding], None]) -> None:
        self._directory = directory
        self._target = target
        self._tell = tell
        self._progress = Progress(target.name)
        self._memory = Memory(directory)
        self._calls = Calls()
        self._logs = Logs(directory, self._memory.positions, self._progress.miss, self._calls)
        self._rate = Rate(target.rate, target.bytes_rate, time.monotonic())
        self._sender: Sender | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._changed, self._must_look = asyncio.Event(), asyncio.Event()

    async def run(self) -> None:
        """Forward for ever."""
        async with asyncio.TaskGroup() as group:
            # Also while the disk does not give out the cursor.
            group.create_task(_again(self._say, TELL_S))
            await self._memory.load()
            self._logs.recall(self._memory.unfinished)
            group.create_task(self._connect())
            group.create_task(self._look())
            group.create_task(_again(self._logs.count, COUNT_S))
            group.create_task(_again(self._save, SAVE_S))

    def take(self, told: Mapping[str, Told]) -> None:
        """The sidecar says how much of these runs' logs is durable."""
        self._logs.take(told)
        self._changed.set()
        if self._logs.must_look:
            self._must_look.set()

    async def finish(self, timeout_s: float) -> None:
        """Send what is known to be durable, and keep how far that was, each for at most so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self._sender is not None and self._has_more():  # noqa: ASYNC110 - a moment, once
                    await asyncio.sleep(_POLL_S)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._save()
        await self._say()

    async def _connect(self) -> None:
        delay, turn = RETRY_S, 0
        while True:
            url = self._target.urls[turn % len(self._target.urls)]
            turn += 1
            try:
                link = await Link.connect(self._target, url)
            except LinkError as error:
                self._progress.stop(str(error))
                # Another server may take it at once.
                if turn % len(self._target.urls) == 0:
                    await asyncio.sleep(_jittered(delay))
                    delay = min(delay * 2, RETRY_MAX_S)
                continue
            began = time.monotonic()
            try:
                await self._use(link)
            except LinkError as error:
                self._progress.stop(str(error))
            if time.monotonic() - began > RETRY_MAX_S:
                delay = RETRY_S
            await asyncio.sleep(_jittered(delay))

    async def _use(self, link: Link) -> None:
        """Forward over a connection until it is of no more use. Raises LinkError."""
        subject = self._target.subject("*")
        is_same = self._memory.adopt(link.stream, link.created, subject, link.last_seq)
        self._logs.forget(link.last_seq, all_of_it=not is_same)
        self._sender = Sender(
            link, self._target, self._directory, self._logs, self._rate, self._calls, self._progress.miss
        )
        self._progress.connect()
        broken = asyncio.create_task(link.wait_broken())
        try:
            while True:
                self._changed.clear()
                self._start(self._sender)
                changed = asyncio.create_task(self._changed.wait())
                waited: set[asyncio.Task[Any]] = {broken, changed, *self._tasks.values()}
                done, _ = await asyncio.wait(waited, timeout=IDLE_S, return_when=asyncio.FIRST_COMPLETED)
                changed.cancel()
                self._end_tasks(done)
                if broken.done():
                    raise LinkError(broken.result())
        finally:
            self._progress.forwarded += self._sender.forwarded
            self._sender = None
            tasks = [broken, *self._tasks.values()]
            self._tasks.clear()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await link.close()

    def _start(self, sender: Sender) -> None:
        moment = time.monotonic()
        for log in self._logs.unfinished():
            if log.run not in self._tasks and log.retry_at <= moment:
                self._tasks[log.run] = asyncio.create_task(sender.send(log))

    def _end_tasks(self, done: "set[asyncio.Task[Any]]") -> None:
        for run, task in list(self._tasks.items()):
            if task in done:
                del self._tasks[run]
                # Raises what broke it.
                task.result()

    async def _look(self) -> None:
        while True:
            self._must_look.clear()
            await self._logs.look()
            self._changed.set()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._must_look.wait(), LOOK_S)

    async def _save(self) -> None:
        positions = {log.run: log.position for log in self._logs.all() if log.position is not None}
        if not self._logs.looked:
            return
        # What is gone is forgotten by that.
        while self._progress.has_more_to_say:
            await self._say()
        await self._memory.save(positions, [log.run for log in self._logs.unfinished()])

    async def _say(self) -> None:
        moving = self._sender.forwarded if self._sender else 0
        trouble = self._logs.trouble or self._memory.trouble
        state = self._progress.look(self._logs.unfinished(), self._calls.stuck(), trouble, moving)
        if state is not None:
            self._tell(state)

    def _has_more(self) -> bool:
        return bool(self._tasks) or any(not log.trouble for log in self._logs.unfinished())


def _jittered(delay_s: float) -> float:
    # Thousands of desks that lost a server in one moment are not to come back in one moment.
    return delay_s * random.uniform(0.5, 1.5)  # noqa: S311


async def _again(step: Callable[[], Awaitable[None]], period_s: float) -> None:
    while True:
        await step()
        await asyncio.sleep(period_s)
