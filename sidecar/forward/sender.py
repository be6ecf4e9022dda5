"""Sends lines over one connection: asks the stream where to go on in a log, then burst by burst what stands behind."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from shared.chain import head_of
from sidecar.compression import BrokenError
from sidecar.forward.extent import Stretch
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
# What a message has beside its line.
HEADERS_BYTES = 512


class Sender:
    """`forwarded` counts lines; `say` hears, from threads, what is wrong between log and stream."""

    def __init__(
        self, link: Link, target: Target, directory: Path, logs: Logs, rate: Rate, say: Callable[[str], None]
    ) -> None:
        self.forwarded = 0
        self._link = link
        self._target = target
        self._directory = directory
        self._logs = logs
        self._rate = rate
        self._say = say
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
            _hinder(log, "there is something in it without a newline that is no line of ours")
        except BrokenError as error:
            _hinder(log, f"its compressed form is broken: {error}")
        except OSError as error:
            _hinder(log, error.strerror or str(error))
        finally:
            files.close()

    async def _send_all(self, log: Log, files: LogFiles) -> None:
        lane, delay = self._lanes.get(log.run), RETRY_S
        while True:
            lane = lane or await self._ask(log, files)
            if lane is None:
                log.exhaust(log.stretches)
                return
            stretches = log.stretches
            lines = await asyncio.to_thread(self._read, log, lane, files, stretches)
            log.position = lane.position
            if not lines:
                log.exhaust(stretches)
                return
            lines = lines[: next((at for at, line in enumerate(lines) if self._is_too_long(line)), len(lines))]
            if not lines:
                _hinder(
                    log, f"line {lane.position.line + 1} of part {lane.position.part} is longer than the server takes"
                )
                return
            await asyncio.sleep(self._rate.take(len(lines), time.monotonic()))
            answers = await self._link.publish(self._target.subject(log.run), lane.burst(lines))
            settled = lane.settle(answers)
            log.position = lane.position
            self.forwarded += settled.moved
            if settled.moved:
                log.trouble, delay = "", RETRY_S
            if settled.next is Next.WAIT:
                log.trouble = settled.reason
                await asyncio.sleep(delay)
                delay = min(delay * 2, RETRY_MAX_S)
            if settled.next is not Next.GO_ON:
                del self._lanes[log.run]
                lane = None

    async def _ask(self, log: Log, files: LogFiles) -> Lane | None:
        """The way of a log, from behind what the stream holds; None where the stream holds more than may go by now."""
        held = await self._link.last(self._target.subject(log.run))
        if held is None and log.position is not None:
            await self._link.look_again()
        position = await asyncio.to_thread(self._resume, log, held, files)
        if position is None:
            return None
        lane = self._lanes[log.run] = Lane(log.run, self._link.stream, self._rate.most(MAX_WIDTH))
        lane.begin(position)
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
            raise OSError(f"the stream holds {line} lines of part {part}, and here are fewer: somebody cut it")
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
            if gone := range(position.part + bool(stretch or position.line), following):
                self._say(f"Part {gone[0]} of run {log.run} is not there any more, and was not forwarded")
            lane.go_to(following)

    def _is_too_long(self, line: bytes) -> bool:
        return len(line) + HEADERS_BYTES > self._link.max_payload


def _hinder(log: Log, reason: str) -> None:
    log.trouble = reason
    log.retry_at = time.monotonic() + TROUBLE_S


def _stretch_of(stretches: Sequence[Stretch], part: int) -> Stretch | None:
    return next((each for each in stretches if each.part == part), None)
