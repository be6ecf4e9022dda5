"""The logs of the directory: looked for now and then, and as far as the sidecar says that they are durable."""

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from sidecar.forward.calls import Calls
from sidecar.forward.extent import PartFile, Told, extent, rest_of
from sidecar.forward.lane import Position
from sidecar.forward.lines import LogFiles
from sidecar.forward.log import Log

# A closing line that was written so long ago is not on its way to the disk any more.
SETTLED_S = 3.0
# A second of counting reads less than this.
COUNT_BYTES, COUNTS_AT_ONCE = 1024 * 1024, 8

_Ends = dict[tuple[str, PartFile], int]


class Logs:
    """`remembered` is how far logs had come; `say` hears, also from threads, of what is lost to the stream.

    `looked`: all that are there are known; `trouble` says why they cannot be looked at.
    """

    def __init__(
        self, directory: Path, remembered: Mapping[str, Position], say: Callable[[str], None], calls: Calls
    ) -> None:
        self.looked = False
        self.trouble = ""
        self._directory = directory
        self._files = LogFiles(directory)
        self._remembered = remembered
        self._say = say
        self._calls = calls
        # Of which something was to be forwarded when they were last seen, by a forwarder before this one.
        self._expected: list[str] = []
        self._logs: dict[str, Log] = {}
        # Of thousands of logs most are done.
        self._unfinished: dict[str, None] = {}
        self._parts: dict[str, list[PartFile]] = {}
        # Where logs that nobody has open end, so that each is looked at once.
        self._ends: _Ends = {}
        # What was told of parts that come behind others which are still to be found.
        self._ahead: dict[str, Told] = {}

    def __getitem__(self, run: str) -> Log:
        """The log of a run, which need not have been found yet."""
        if run not in self._logs:
            self._logs[run] = Log(run, self._remembered.get(run))
        return self._logs[run]

    @property
    def must_look(self) -> bool:
        """Whether there is something to be found now."""
        return bool(self._ahead)

    def unfinished(self) -> list[Log]:
        """Those of which something may be to be forwarded."""
        self._unfinished = {
            run: None for run in self._unfinished if run in self._logs and self._logs[run].may_have_more
        }
        return [self._logs[run] for run in self._unfinished]

    def all(self) -> list[Log]:
        """All that are known."""
        return list(self._logs.values())

    def has_part(self, run: str, part: int) -> bool:
        """Whether a part was there at the last look."""
        return any(each.part == part for each in self._parts.get(run, ()))

    def take(self, told: Mapping[str, Told]) -> None:
        """The sidecar says how much of these logs is durable."""
        for run, each in told.items():
            before = self[run].told
            known = {found.part for found in self._parts.get(run, ())}
            if not known.issuperset(range(before.part if before else 1, each.part)):
                # Parts before it were begun since the last look, and are not to be passed over.
                self._ahead[run] = each
            else:
                self._tell(run, each)

    def forget(self, last_seq: int, *, all_of_it: bool) -> None:
        """Forget how far logs are that the stream, whose last number is `last_seq`, cannot hold so far; or all of them."""
        for log in self._logs.values():
            if log.position is not None and (all_of_it or log.position.seq > last_seq):
                log.forget()
                self._unfinished[log.run] = None

    def recall(self, unfinished: Iterable[str]) -> None:
        """What is remembered is known by now: the sidecar may have told of runs before it was."""
        self._expected = list(unfinished)
        for log in self._logs.values():
            log.position = self._remembered.get(log.run)

    async def look(self) -> None:
        """Look what is there."""
        ahead, self._ahead = self._ahead, {}
        try:
            found = await self._calls.do("looking for logs", self._files.find)
            self._ends = await self._calls.do("looking at the ends of logs", self._find_ends, found)
        except FileNotFoundError:
            # There is no directory yet, and so no log.
            found = {}
        except OSError as error:
            self.trouble = f"{self._directory}: {error.strerror or error}"
            self._ahead = ahead | self._ahead
            return
        self.trouble = ""
        for run in self._parts.keys() - found.keys():
            self._lose(run)
        for run in filter(lambda run: run not in found, self._expected):
            self._say(
                f"The log of run {run} was deleted while nothing was forwarded, and before all of it was known to be in the stream"
            )
        self._expected = []
        self._parts, self.looked = found, True
        for run in found:
            self._stretch(run)
        for run, told in ahead.items():
            self._tell(run, told)

    async def count(self) -> None:
        """Count some of the lines that wait."""
        for _ in range(COUNTS_AT_ONCE):
            log = next((each for each in self.unfinished() if each.next_uncounted()), None)
            uncounted = log.next_uncounted() if log else None
            if log is None or uncounted is None:
                return
            try:
                lines, size = await self._calls.do(
                    f"counting lines of run {log.run}", self._files.count_lines, log.run, *uncounted, COUNT_BYTES
                )
            except OSError:
                # Deleted or compressed in this moment; else who forwards it says so.
                return
            log.count(*uncounted, lines, size)
            if not size:
                return

    def _lose(self, run: str) -> None:
        log = self._logs.pop(run)
        lines, uncounted = log.waiting()
        # Of what nobody has open and nobody closed.
        last = max((each.part for each in log.stretches), default=0)
        uncounted += sum(rest_of(each.part, each.size, log.position) for each in self._parts[run] if each.part > last)
        if lines or uncounted:
            what = f"{lines:,} lines" if lines else f"{uncounted:,} bytes"
            self._say(
                f"The log of run {run} was deleted before it was forwarded: {what} of it are missing in the stream"
            )

    def _tell(self, run: str, told: Told) -> None:
        log = self[run]
        log.told = max(told, log.told or told)
        self._stretch(run)

    def _stretch(self, run: str) -> None:
        parts, log = self._parts.get(run, []), self[run]
        stretches = extent(parts, log.told, self._ends.get((run, max(parts))) if parts else None)
        if stretches != log.stretches:
            log.stretches = stretches
            log.seen |= {each.part: max(each.size, log.seen.get(each.part, 0)) for each in stretches}
            self._unfinished[run] = None

    def _find_ends(self, found: Mapping[str, list[PartFile]]) -> _Ends:
        ends: _Ends = {}
        for run, parts in found.items():
            newest = max(parts)
            if not newest.compressed and (end := self._ends.get((run, newest)) or self._find_end(run, newest.part)):
                ends[run, newest] = end
        return ends

    def _find_end(self, run: str, part: int) -> int | None:
        if (log := self._logs.get(run)) and log.told:
            return None
        try:
            return self._files.closed_size(run, part, time.time() - SETTLED_S)
        except OSError:
            # Compressed or deleted in this moment; or not to be read, which the sidecar says.
            return None
