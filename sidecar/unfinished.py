"""The logs of runs that ended while no sidecar was there: found at the start, and closed one by one."""

import stat
import time
from collections.abc import Callable, Container
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from shared.naming import log_name, parse_part_name
from shared.wire import Ack
from sidecar import records
from sidecar.disk import Disk
from sidecar.health import failure_of
from sidecar.liveness import find, is_alive
from sidecar.log_tail import FIRST_LINE_BLOCK, Opening, ends_closed, read_opening
from sidecar.records import HOST, Owner
from sidecar.risk import risk_of
from sidecar.run import Written
from sidecar.runlog import RunLog

if TYPE_CHECKING:
    import psutil


# Whose a log is that was made, and its sidecar killed before the first line was whole: no process at all.
UNKNOWN = Owner(0, 0.0)
# A GUI that lives says Hello to a new sidecar within a second or two.
UNKNOWN_S = 5.0


class Form(NamedTuple):
    """A part of a log as it lies there."""

    part: int
    is_compressed: bool


class _Unheard(NamedTuple):
    """A log whose run may yet say Hello; `process` is None for an unknown one, which may until `until` (monotonic)."""

    parts: list[Form]
    process: "psutil.Process | None"
    until: float

    @property
    def is_over(self) -> bool:
        return not is_alive(self.process) if self.process is not None else time.monotonic() > self.until


class Unfinished:
    """`new_log` makes the log of a run and its owner; `report` and `complain` must not block."""

    def __init__(
        self,
        disk: Disk,
        directory: Path,
        sidecar: str,
        new_log: Callable[[str, Owner], RunLog],
        report: Callable[[Written], None],
        complain: Callable[[str], None],
    ) -> None:
        self._disk = disk
        self._directory = directory
        self._sidecar = sidecar
        self._new_log = new_log
        self._report = report
        self._complain = complain
        # Logs still to be looked at, with their parts.
        self._found: dict[str, list[Form]] = {}
        # Those whose process lives, or is unknown, and has not said Hello yet.
        self._unheard: dict[str, _Unheard] = {}

    @property
    def is_busy(self) -> bool:
        """Whether there are logs to be looked at."""
        return bool(self._found)

    def find(self) -> None:
        """List the logs, whose directory is made if there is none, and say who else rules there. Raises OSError."""
        self._disk.make_directories(self._directory)
        if risk := risk_of(self._disk.stat_directory(self._directory)):
            self._complain(f"{self._directory} {risk}")
        for run, part, is_compressed in filter(None, map(parse_part_name, self._disk.names(self._directory))):
            self._found.setdefault(run, []).append(Form(part, is_compressed))

    def finish_next(self, heard: Container[str]) -> None:
        """Look at one log. `heard` are the runs that have said Hello, whose logs are theirs."""
        if self._found:
            run, parts = self._found.popitem()
            if run not in heard:
                self._finish(run, parts)

    def finish_gone(self, heard: Container[str]) -> None:
        """Close the logs of those whose process is gone by now without having said Hello."""
        for run, unheard in list(self._unheard.items()):
            if run in heard:
                del self._unheard[run]
            elif unheard.is_over:
                del self._unheard[run]
                self._finish(run, unheard.parts, waited=True)

    def _finish(self, run: str, parts: list[Form], *, waited: bool = False) -> None:
        try:
            owner = owner_of_unfinished(self._disk, self._directory, run, parts)
            if owner is None:
                return
            process = find(owner)
            if is_alive(process) or (owner == UNKNOWN and not waited):
                self._unheard[run] = _Unheard(parts, process, time.monotonic() + UNKNOWN_S)
            else:
                self._close(run, owner)
        except OwnerUnknownError as error:
            self._complain(str(error))
        except OSError as error:
            # An old log must not hold up the runs of today; the next sidecar looks at it again.
            failure = failure_of(error, 0)
            self._complain(f"The log of run {run} cannot be closed: {failure.file}: {failure.reason}")
        except Exception as error:  # noqa: BLE001 - whatever an old log holds, it must not end the runs of today either
            self._complain(f"The log of run {run} cannot be closed: {error!r}")

    def _close(self, run: str, owner: Owner) -> None:
        log = self._new_log(run, owner)
        try:
            log.recover()
            lines = log.append([records.unheard_closing(records.now(), log.last, log.lost)], log.last)
        finally:
            log.close()
        ack = Ack(run, log.last, 0, self._sidecar, log.lost, log.head, log.part)
        self._report(Written(ack, urgent=True, lines=lines, events=[], closed=True, size=log.size))


class OwnerUnknownError(Exception):
    """Nothing says which process a log belongs to."""


def owner_of_unfinished(disk: Disk, directory: Path, run: str, parts: list[Form]) -> Owner | None:
    """The process whose log these parts are, None when it is closed, or not for this host or this sidecar to close.

    `UNKNOWN` when no line of it was ever whole. Raises OSError, and OwnerUnknownError when its opening line cannot be read.
    """
    newest, is_begun = None, False
    for part, is_compressed in sorted(parts, reverse=True):
        path = directory / log_name(run, part)
        if is_compressed:
            # Only closed logs are.
            return None
        found = disk.stat_path(path)
        # Something else than a file is empty, too; opening it says what it is.
        if stat.S_ISREG(found.st_mode) and not found.st_size:
            continue
        ends = _ends(disk, path)
        if ends is None or (newest is None and ends.closed):
            return None
        if ends.opening is not None:
            return Owner(ends.opening.pid, ends.opening.started) if ends.opening.host == HOST else None
        # Torn before its first line was whole, or damaged: the part before says whose the log is.
        newest, is_begun = newest or path, is_begun or ends.has_a_line
    if newest is None or not is_begun:
        return UNKNOWN
    raise OwnerUnknownError(
        f"Log {newest.name} stays open until its GUI is heard: its first line cannot be read, so nobody else can tell "
        "whose it is. `python -m sidecar verify` says what is wrong with it"
    )


class _Ends(NamedTuple):
    """How a part begins, whether it ends with a closing line, and whether there is any line in it, readable or not."""

    opening: Opening | None
    closed: bool
    has_a_line: bool


def _ends(disk: Disk, path: Path) -> _Ends | None:
    try:
        fd = disk.open(path)
    except BlockingIOError:
        # Locked by the sidecar of another run directory.
        return None
    try:
        size = disk.stat(fd, path).st_size

        def read_at(length: int, offset: int) -> bytes:
            return disk.read(fd, length, offset, path)

        has_a_line = size > FIRST_LINE_BLOCK or b"\n" in read_at(FIRST_LINE_BLOCK, 0)
        return _Ends(read_opening(read_at), ends_closed(read_at, size), has_a_line)
    finally:
        disk.close(fd, path)
