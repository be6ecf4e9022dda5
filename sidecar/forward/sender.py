"""Sends lines over one connection: asks the stream where to go on in a log, then burst by burst what stands behind."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from shared.chain import head_of
from sidecar.compression import BrokenError
from sidecar.forward.calls import Calls
from sidecar.forward.extent import Stretch, rest_of
from sidecar.forward.lane import MAX_WIDTH, Lane, Next, Position
from sidecar.forward.lines import LineTooLongError, LogFiles
from sidecar.forward.link import Link
from sidecar.forward.log import Log
from sidecar.forward.logs import Logs
from sidecar.forward.rate import Rate
from sidecar.forward.resume import Held, resume
from sidecar.forward.target import Target

# After a refusal.
RETRY_S, RETRY_MAX_S = 0.25, 5.0
# Before a log that cannot be read is tried again.
TROUBLE_S = 2.0
# Of logs that nobody has open any more, and of all. A burst holds half a MiB.
MOST_OLD, MOST_AT_ONCE = 4, 16
# What a message has beside its line: names and numbers of its headers, its host and its stream, each at most so often.
HEADERS_BYTES, HOSTS, STREAMS = 256, 2, 1


class Sender:
    """`forwarded` counts lines; `say` hears, from threads, what is wrong between log and stream."""

    def __init__(
        self,
        link: Link,
        target: Target,
        directory: Path,
        logs: Logs,
        rate: Rate,
        calls: Calls,
        say: Callable[[str], None],
    ) -> None:
        self.forwarded = 0
        self._link = link
        self._target = target
        self._directory = directory
        self._logs = logs
        self._rate = rate
        self._calls = calls
        self._say = say
        self._beside = HEADERS_BYTES + HOSTS * len(target.host) + STREAMS * len(link.stream)
        self._closing: set[asyncio.Task[None]] = set()
        self._lanes: dict[str, Lane] = {}
        self._old = asyncio.Semaphore(MOST_OLD)
        self._all = asyncio.Semaphore(MOST_AT_ONCE)

    async def send(self, log: Log) -> None:
        """Send what may go of a log; what hinders it is left in `log.trouble`. Raises LinkError."""
        files = LogFiles(self._directory)
        try:
            async with self._all if log.told else self._old:
                await self._send_all(log, files)
        except LineTooLongError:
            self._hinder(log, "there is something in it without a newline that is no line of ours")
        except BrokenError as error:
            self._hinder(log, f"its compressed form is broken: {error}")
        except OSError as error:
            self._hinder(log, error.strerror or str(error))
        finally:
            # Not waited for: it may hang as well.
            closing = asyncio.ensure_future(self._calls.do(f"closing the log of run {log.run}", files.close))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    async def _send_all(self, log: Log, files: LogFiles) -> None:
        lane = self._lanes.get(log.run) or await self._ask(log, files)
        while lane is not None:
            stretches = log.stretches
            lines = await self._calls.do(f"reading the log of run {log.run}", self._read, log, lane, files, stretches)
            log.position = lane.position
            if not lines:
                log.exhaust(stretches)
                return
            sizes = [len(line) + self._beside for line in lines]
            if sizes[0] > self._link.max_payload:
                # Of the run, what stands behind it must not go before it.
                self._hinder(log, self._too_long(lane.position, len(lines[0])))
                return
            fitting = next((at for at, size in enumerate(sizes) if size > self._link.max_payload), len(sizes))
            count = self._rate.fitting(sizes[:fitting])
            await asyncio.sleep(self._rate.take(count, sum(sizes[:count]), time.monotonic()))
            answers = await self._link.publish(self._target.subject(log.run), lane.burst(lines[:count]))
            settled = lane.settle(answers)
            log.position = lane.position
            self.forwarded += settled.moved
            if settled.moved:
                log.moved()
            if settled.next is not Next.GO_ON:
                del self._lanes[log.run]
            if settled.next is Next.WAIT:
                # Not here, where others wait for their turn.
                log.hinder(settled.reason, time.monotonic(), RETRY_S, RETRY_MAX_S)
                return
            if settled.next is Next.ASK:
                lane = await self._ask(log, files, lane)
        log.exhaust(log.stretches)

    async def _ask(self, log: Log, files: LogFiles, lane: Lane | None = None) -> Lane | None:
        """The way of a log, from behind what the stream holds; None where the stream holds more than may go by now."""
        held = await self._link.last(self._target.subject(log.run))
        if held is None and log.position is not None:
            await self._link.look_again()
        position = await self._calls.do(f"reading the log of run {log.run}", self._resume, log, held, files)
        if position is None:
            return None
        lane = lane or Lane(self._target.host, log.run, self._link.stream, self._rate.most(MAX_WIDTH))
        lane.begin(position)
        self._lanes[log.run] = lane
        return lane

    def _resume(self, log: Log, held: Held | None, files: LogFiles) -> Position | None:
        part, line, offset, seq = resume(log.position, held, self._link.last_seq)
        stretch = _stretch_of(log.stretches, part)
        if stretch is None and line and self._logs.has_part(log.run, part):
            # The sidecar will say how much of it is durable.
            return None
        if stretch is None or line == 0:
            return Position(part, line, offset or 0, seq)
        if held is not None and offset is not None and files.ends_with(log.run, stretch, offset, held.body):
            return Position(part, line, offset, seq)
        found = files.find_end(log.run, stretch, line)
        if found is None:
            cut = f"the stream holds {line} lines of part {part}, and here are fewer: somebody cut it"
            if stretch.size < 0 or not any(each.part > part for each in log.stretches):
                raise OSError(cut)
            # The sidecar goes on in the next part.
            self._say(f"Of run {log.run} {cut}")
            return Position(part, line, stretch.size, seq)
        end, body = found
        if held is not None and body != held.body:
            self._say(
                f"Line {line} of part {part} of run {log.run} is another one in the stream: somebody changed one of them "
                f"(here {head_of(body)[:12]}, there {head_of(held.body)[:12]})"
            )
        return Position(part, line, end, seq)

    def _read(self, log: Log, lane: Lane, files: LogFiles, stretches: Sequence[Stretch]) -> list[bytes]:
        while True:
            position = lane.position
            stretch = _stretch_of(stretches, position.part)
            if stretch and (lines := files.read(log.run, stretch, position.offset, lane.width)):
                return lines
            following = next((each.part for each in stretches if each.part > position.part), 0)
            if not following:
                return []
            self._say_what_is_gone(log, position, following, stretches)
            lane.go_to(following)

    def _say_what_is_gone(self, log: Log, position: Position, until: int, stretches: Sequence[Stretch]) -> None:
        for part in range(position.part, until):
            rest = rest_of(part, log.seen.get(part, 0), position)
            is_done = part == position.part and position.line and not rest
            if is_done or _stretch_of(stretches, part):
                continue
            what = f"{rest:,} bytes of it were" if rest else "it was"
            self._say(f"Part {part} of run {log.run} is not there any more, and {what} not forwarded")

    def _too_long(self, position: Position, size: int) -> str:
        most = self._link.max_payload - self._beside
        return (
            f"line {position.line + 1} of part {position.part} has {size:,} bytes, and the server takes {most:,} (its "
            "max_payload, less the headers): raise it, and the run goes on"
        )

    def _hinder(self, log: Log, reason: str) -> None:
        log.hinder(reason, time.monotonic(), TROUBLE_S, TROUBLE_S)


def _stretch_of(stretches: Sequence[Stretch], part: int) -> Stretch | None:
    return next((each for each in stretches if each.part == part), None)
