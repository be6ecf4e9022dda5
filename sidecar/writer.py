"""The writer thread: the only one that touches logs. Take a batch, admit, append, fsync once, report.

- It never dies of an event: what it cannot read is counted, what it cannot write becomes a gap.
- It never gives up on the disk: the batch is kept and written when it works again.
"""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec

from shared.chain import event_body
from shared.naming import is_run_id, parse_log_name
from shared.wire import UNKNOWN_RUN, VERSION, Ack, Alive, Bye, Event, Hello, Skipped, decode_upstream
from sidecar import records
from sidecar.admission import Admission, Gap
from sidecar.backlog import Backlog
from sidecar.disk import Disk
from sidecar.health import Failure, failure_of
from sidecar.liveness import find, is_alive
from sidecar.records import CLEAN, VANISHED, Owner
from sidecar.runlog import RunLog
from sidecar.unfinished import owner_of_unfinished

if TYPE_CHECKING:
    import psutil

TICK_S = 0.5
RETRY_S, RETRY_MAX_S = 0.1, 2.0
# A process that is gone may have frames on their way; so long after, the socket must have been found empty.
QUIET_S = 1.0
UNWRITABLE = "unwritable"
# Runs whose last answer is remembered, so that each gets one a tick.
MAX_STRANGERS = 1_000

Result = TypeVar("Result")


class Written(NamedTuple):
    """Report of one commit of one run: the acknowledgement, and what was written."""

    ack: Ack
    urgent: bool
    lines: bytes
    events: list[Event]
    closed: bool = False


class AbandonedError(Exception):
    """The sidecar must end and the disk still refuses."""


class Run:
    """One run as the writer knows it."""

    def __init__(self, log: RunLog, owner: Owner) -> None:
        self.log = log
        self.owner = owner
        self.process = find(owner)
        self.admission = Admission(log.last)
        self.bodies: list[bytes] = []
        self.events: list[Event] = []
        self.lost = 0
        self.touched = True
        self.urgent = True
        self.said_bye = False
        self.gone_at: float | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more is expected of it."""
        return self.said_bye or not is_alive(self.process)


class Writer:
    """Runs in its own thread until the backlog ends. `report` and `complain` must not block.

    `failure`, `events`, `refused` and `runs` are read by the main thread.
    """

    def __init__(
        self,
        backlog: Backlog,
        disk: Disk,
        directory: Path,
        sidecar: str,
        report: Callable[[Written], None],
        complain: Callable[[str], None],
    ) -> None:
        self.failure: Failure | None = None
        self.events = 0
        self.refused = 0
        self.lost = 0
        self.runs: dict[str, Run] = {}
        self.abandon = threading.Event()
        self.left_behind = 0
        self._backlog = backlog
        self._disk = disk
        self._directory = directory
        self._sidecar = sidecar
        self._report = report
        self._complain = complain
        self._strangers: dict[str, float] = {}
        self._looked_at = 0.0
        # Runs found at the start whose process lives and has not said Hello yet, with the parts of their logs.
        self._unheard: dict[str, tuple[list[int], psutil.Process]] = {}
        # Taken from the backlog and not yet read: what an abandoned writer leaves behind is counted.
        self._unread: deque[bytes] = deque()

    def run(self) -> None:
        """Serve until the backlog has ended and all of it is durable, then close the runs that are over."""
        try:
            unfinished = list(self._until_it_works(self._find_logs).items())
            while True:
                # Read before taking: what had come by then is in this batch or an earlier one.
                drained_at = self._backlog.drained_at
                frames = self._backlog.take(0 if unfinished else TICK_S)
                if frames is None:
                    break
                self._unread.extend(frames)
                while self._unread:
                    self._receive(self._unread[0])
                    self._unread.popleft()
                self._commit()
                if unfinished:
                    self._finish(*unfinished.pop())
                self._close_vanished(drained_at)
            self._close_over()
        except AbandonedError:
            unread = [*self._unread, *(self._backlog.take(0) or [])]
            self.left_behind = sum(len(run.bodies) for run in self.runs.values()) + _events_in(unread)

    # Receiving.

    def _receive(self, frame: bytes) -> None:
        try:
            message = decode_upstream(frame)
        except msgspec.DecodeError as error:
            self._refuse(f"a frame of {len(frame)} bytes that is not of this protocol: {error}")
            return
        if isinstance(message, Hello):
            self._greet(message)
            return
        run = self.runs.get(message.run)
        if run is None:
            self._answer_stranger(message.run)
            return
        run.touched = True
        run.gone_at = None
        match message:
            case Event():
                self._admit(run, message)
            case Skipped(first=first, last=last, reason=reason):
                if last >= first and (gap := run.admission.skip(first, last)):
                    self._declare(run, gap, reason)
            case Alive(seq=seq, urgent=urgent):
                run.admission.announce(seq)
                run.urgent |= urgent
            case Bye(seq=seq):
                run.admission.announce(seq)
                run.said_bye = True
                run.urgent = True

    def _greet(self, hello: Hello) -> None:
        if hello.version != VERSION:
            self._refuse(
                f"run {hello.run} speaks version {hello.version} of the protocol; this sidecar speaks {VERSION}"
            )
            return
        run = self.runs.get(hello.run)
        if run is None:
            owner = Owner(hello.pid, hello.started)
            log = RunLog(self._disk, self._directory, hello.run, owner, _now)
            self._until_it_works(log.recover)
            run = self.runs[hello.run] = Run(log, owner)
        run.admission.greet(hello.seq)
        run.said_bye = False
        run.touched = run.urgent = True
        run.gone_at = None

    def _admit(self, run: Run, event: Event) -> None:
        if not run.admission.admit(event.seq):
            return
        try:
            body = event_body(
                event.ts, event.level, event.category, event.session, event.message, event.extra, event.seq
            )
        except Exception as error:  # noqa: BLE001 - whatever a producer put into it; the run goes on behind a gap
            self._complain(f"Event {event.seq} of run {event.run} cannot be written: {error}")
            self._declare(run, Gap(event.seq, event.seq), UNWRITABLE)
        else:
            run.bodies.append(body)
            run.events.append(event)

    def _declare(self, run: Run, gap: Gap, reason: str) -> None:
        run.bodies.append(records.gap(_now(), gap, reason))
        run.lost += gap.events
        self._complain(f"Run {run.log.run}: {records.describe_loss(gap, reason)} ({gap.first} to {gap.last})")

    def _answer_stranger(self, run: str) -> None:
        # Closed too early, or its Hello was lost; part 0 makes it say Hello again.
        now = time.monotonic()
        if not is_run_id(run):
            self._refuse(f"a frame of a run named {run[:40]!r}, which is no run id")
        elif now - self._strangers.get(run, 0.0) > TICK_S:
            if len(self._strangers) > MAX_STRANGERS:
                self._strangers.clear()
            self._strangers[run] = now
            self._report(Written(Ack(run, 0, 0, self._sidecar, part=UNKNOWN_RUN), urgent=True, lines=b"", events=[]))

    def _refuse(self, what: str) -> None:
        self.refused += 1
        if self.refused == 1:
            self._complain(f"Refused {what}. Further ones are only counted, see status.")

    # Writing.

    def _commit(self) -> None:
        for run in self.runs.values():
            if run.touched:
                self._commit_run(run)

    def _commit_run(self, run: Run) -> None:
        lines = b""
        if run.bodies:
            last = run.admission.next - 1
            lines = self._until_it_works(lambda: run.log.append(run.bodies, last, run.lost))
        self.events += len(run.events)
        self.lost += run.lost
        self._report(Written(self._ack(run.log, run.admission.take_wanted()), run.urgent, lines, run.events))
        run.bodies, run.events, run.lost = [], [], 0
        run.touched = run.urgent = False

    def _ack(self, log: RunLog, wanted: int = 0) -> Ack:
        return Ack(log.run, log.last, wanted, self._sidecar, log.lost, log.head, log.part)

    def _until_it_works(self, operation: Callable[[], Result]) -> Result:
        delay = RETRY_S
        while True:
            try:
                result = operation()
            except OSError as error:
                self._note_failure(error)
                if self.abandon.wait(delay):
                    raise AbandonedError from error
                delay = min(delay * 2, RETRY_MAX_S)
            else:
                self.failure = None
                return result

    def _note_failure(self, error: OSError) -> None:
        since = self.failure.since if self.failure else _now()
        self.failure = failure_of(error, since)

    # Ends of runs.

    def _close_vanished(self, drained_at: float) -> None:
        now = time.monotonic()
        if now - self._looked_at < TICK_S:
            return
        self._looked_at = now
        for run in list(self.runs.values()):
            if run.gone_at is None:
                run.gone_at = None if is_alive(run.process) else now
            elif drained_at > run.gone_at + QUIET_S:
                self._close(run)
        for run_id, (parts, process) in list(self._unheard.items()):
            if run_id in self.runs or not is_alive(process):
                del self._unheard[run_id]
                self._finish(run_id, parts)

    def _close_over(self) -> None:
        for run in list(self.runs.values()):
            if run.is_over:
                self._close(run)
            run.log.close()

    def _close(self, run: Run) -> None:
        log, known = run.log, run.admission.known
        # Nothing to write, but whatever happened to the file is found out and declared before it is summed up.
        self._until_it_works(lambda: log.append([], log.last))
        clean = run.said_bye and known <= log.last
        body = records.closing(_now(), CLEAN if clean else VANISHED, log.last, log.lost, known)
        lines = self._until_it_works(lambda: log.append([body], log.last))
        self._report(Written(self._ack(log), urgent=True, lines=lines, events=[], closed=True))
        log.close()
        self.runs.pop(log.run, None)

    def _find_logs(self) -> dict[str, list[int]]:
        self._disk.make_directories(self._directory)
        logs: dict[str, list[int]] = {}
        for run, part in filter(None, map(parse_log_name, self._disk.names(self._directory))):
            logs.setdefault(run, []).append(part)
        return logs

    def _finish(self, run_id: str, parts: list[int]) -> None:
        """Close the log of a run whose process died while no sidecar was there, unless it is closed."""
        if run_id in self.runs:
            return
        try:
            owner = owner_of_unfinished(self._disk, self._directory, run_id, parts)
            if owner is None:
                return
            process = find(owner)
            if process is not None and is_alive(process):
                self._unheard[run_id] = (parts, process)
                return
            log = RunLog(self._disk, self._directory, run_id, owner, _now)
            log.recover()
            lines = log.append([records.unheard_closing(_now(), log.last, log.lost)], log.last)
            log.close()
            self._report(Written(self._ack(log), urgent=True, lines=lines, events=[], closed=True))
        except OSError as error:
            # An old log must not hold up the runs of today; the next sidecar looks at it again.
            self._complain(f"The log of the ended run {run_id} cannot be closed: {failure_of(error, 0).reason}")


def _events_in(frames: list[bytes]) -> int:
    found: set[tuple[str, int]] = set()
    for frame in frames:
        # What cannot be read is nobody's event.
        with contextlib.suppress(msgspec.DecodeError):
            message = decode_upstream(frame)
            if isinstance(message, Event):
                found.add((message.run, message.seq))
    return len(found)


def _now() -> int:
    return time.time_ns() // 1000
