"""The writer thread: the only one that touches logs. Take a batch, admit, append, fsync once, report.

- It never dies of an event: what it cannot read is counted, what it cannot write becomes a gap.
- It never gives up on the disk: the batch is kept and written when it works again.
"""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec

from shared.naming import is_run_id
from shared.wire import UNKNOWN_RUN, VERSION, Ack, Event, Hello, decode_upstream
from sidecar import records
from sidecar.attestation import Attestations
from sidecar.backlog import Backlog
from sidecar.descriptors import MAX_RUNS
from sidecar.disk import Disk
from sidecar.health import Failure, failure_of
from sidecar.limits import DEFAULT_LIMITS, Limits
from sidecar.liveness import is_alive
from sidecar.log_tail import COMMIT_BYTES
from sidecar.records import Owner
from sidecar.retention import Doomed, Retention
from sidecar.run import RETRY_MAX_S, RETRY_S, Run, Written
from sidecar.runlog import News, RunLog
from sidecar.unfinished import Unfinished

TICK_S = 0.5
# Events that come within so long behind others are written together with what comes in as long again.
GATHER_S = 0.005
# So many are worth an fsync of their own; a GUI at full speed gains 7 % by not being waited for.
GATHER_BYTES = 16 * 1024
# A process that is gone may have frames on their way; so long after, the socket must have been found empty.
QUIET_S = 1.0
# Runs whose last answer is remembered, so that each gets one a tick.
MAX_STRANGERS = 1_000
# What a frame that is refused says of itself may be as long as the frame.
REASON_MAX = 200


class Writer:
    """Runs in its own thread until the backlog ends. `report` and `complain` must not block.

    `failure`, `events`, `lost`, `refused` and `runs` are read by the main thread. With `abandon` set, it ends although
    the disk still refuses.
    """

    def __init__(
        self,
        backlog: Backlog,
        disk: Disk,
        directory: Path,
        sidecar: str,
        report: Callable[[Written], None],
        complain: Callable[[str], None],
        limits: Limits = DEFAULT_LIMITS,
        most_runs: int = MAX_RUNS,
        attest_minutes: int = 0,
    ) -> None:
        self.events = 0
        self.refused = 0
        self.lost = 0
        self.runs: dict[str, Run] = {}
        self.abandon = threading.Event()
        self._backlog = backlog
        self._disk = disk
        self._directory = directory
        self._sidecar = sidecar
        self._report = report
        self._complain = complain
        self._limits = limits
        self._most_runs = most_runs
        self._strangers: dict[str, float] = {}
        # Runs that speak another version: to say Hello again would not help them.
        self._misfits: set[str] = set()
        self._looked_at = 0.0
        # When events were last written, and whether a GUI waited for that.
        self._written_at, self._urgent = 0.0, False
        # What refuses before there is any run.
        self._failure: Failure | None = None
        self._attestations = Attestations(attest_minutes)
        self._retention = Retention(disk, directory, limits)
        self._unfinished = Unfinished(disk, directory, sidecar, self._new_log, report, complain)
        # Taken from the backlog and not yet read: what an abandoned writer leaves behind is counted.
        self._unread: deque[bytes] = deque()

    @property
    def failure(self) -> Failure | None:
        """What the disk refuses now, the oldest first; None when it refuses nothing."""
        failures = [run.failure for run in list(self.runs.values()) if run.failure is not None]
        return self._failure or min(failures, key=lambda each: each.since, default=None)

    def run(self) -> None:
        """Serve until the backlog has ended and all of it is durable, then close the runs that are over."""
        self._find_unfinished()
        while not self.abandon.is_set():
            self._gather()
            # Read before taking: what had come by then is in this batch or an earlier one.
            drained_at = self._backlog.drained_at
            frames = self._backlog.take(0 if self._unfinished.is_busy else self._patience())
            if frames is None:
                break
            self._unread.extend(frames)
            self._receive_all()
            self._commit()
            self._tend(drained_at)
        while not self._settle() and not self.abandon.wait(self._patience()):
            pass

    def _gather(self) -> None:
        """Let events that come one behind the other come together, unless somebody waits to hear that they are durable.

        A commit for each of 2,000 events a second took the machine's time from the GUI (paced p50 24 us, with this 18).
        """
        is_early = time.monotonic() - self._written_at < GATHER_S
        if is_early and not self._urgent and self._backlog.waiting_bytes < GATHER_BYTES:
            self.abandon.wait(GATHER_S)

    def _find_unfinished(self) -> None:
        delay = RETRY_S
        while True:
            try:
                self._unfinished.find()
            except OSError as error:
                self._failure = failure_of(error, self._failure.since if self._failure else records.now())
                if self.abandon.wait(delay):
                    return
                delay = min(delay * 2, RETRY_MAX_S)
            else:
                self._failure = None
                return

    def _patience(self) -> float:
        """How long to wait for the next batch: not longer than until something is to be tried again."""
        now = time.monotonic()
        return min([TICK_S, *(max(run.retry_at - now, 0.0) for run in self.runs.values() if run.failure)])

    def _settle(self) -> bool:
        """Commit everything and close the runs that are over. Returns whether the disk refused nothing of it."""
        self._commit()
        # What was held while the disk refused comes behind what it refused.
        self._commit()
        for run in list(self.runs.values()):
            if run.is_over and not run.touched and run.is_due(time.monotonic()):
                self._attempt(run, run.close)
            run.log.close()
        return not any(run.failure for run in self.runs.values())

    def count_left_behind(self) -> int:
        """How many events are known of and not on disk. Looks at no disk: the writer may hang in it while this is asked."""
        strangers = set()
        for frame in [*self._unread, *(self._backlog.take(0) or [])]:
            # What cannot be read is nobody's event.
            with contextlib.suppress(msgspec.DecodeError):
                message = decode_upstream(frame)
                if (run := self.runs.get(message.run)) is not None:
                    run.hear_of(message)
                elif isinstance(message, Event):
                    strangers.add((message.run, message.seq))
        return sum(run.left_behind for run in list(self.runs.values())) + len(strangers)

    # Receiving.

    def _receive_all(self) -> None:
        while self._unread:
            run = self._receive(self._unread[0])
            self._unread.popleft()
            if run is not None and run.waiting_bytes >= COMMIT_BYTES:
                self._commit()

    def _receive(self, frame: bytes) -> Run | None:
        """Take a frame. Returns the run that has more to write with it, if any."""
        try:
            message = decode_upstream(frame)
        except msgspec.DecodeError as error:
            self._refuse(f"a frame of {len(frame)} bytes that is not of this protocol: {str(error)[:REASON_MAX]}")
            return None
        if isinstance(message, Hello):
            self._greet(message)
            return None
        run = self.runs.get(message.run)
        if run is None:
            if message.run not in self._misfits:
                self._answer_stranger(message.run)
        else:
            run.hear(message, len(frame))
        return run

    def _greet(self, hello: Hello) -> None:
        if hello.version != VERSION:
            self._refuse_version(hello)
            return
        self._misfits.discard(hello.run)
        run = self.runs.get(hello.run)
        if run is None:
            if len(self.runs) >= self._most_runs:
                # It says Hello again, until one of these is over.
                self._refuse(f"a Hello of run {hello.run}: {self._most_runs} runs are open")
                return
            owner = Owner(hello.pid, hello.started)
            try:
                run = Run(self._new_log(hello.run, owner), owner, self._sidecar, self._complain)
            except OSError:
                # Its process cannot be looked at, for want of descriptors say. Asked for its next frame, it says Hello again.
                return
            self.runs[hello.run] = run
        run.greet(hello)
        if not run.is_taken_up and run.is_due(time.monotonic()):
            # At once, so that what comes behind the Hello is taken.
            self._attempt(run, run.commit)

    def _refuse_version(self, hello: Hello) -> None:
        self.refused += 1
        if hello.run not in self._misfits:
            if len(self._misfits) > MAX_STRANGERS:
                self._misfits.clear()
            self._misfits.add(hello.run)
            self._complain(
                f"Run {hello.run} (pid {hello.pid}) is not recorded: it speaks version {hello.version} of the protocol, this "
                f"sidecar version {VERSION}. Stop both and start them from one checkout."
            )

    def _new_log(self, run_id: str, owner: Owner) -> RunLog:
        def tell(news: News) -> None:
            self._complain(news.text)
            if news.damage and (run := self.runs.get(run_id)):
                run.notice = news.text

        return RunLog(self._disk, self._directory, run_id, owner, records.now, self._limits.part_bytes, tell)

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
        now = time.monotonic()
        for run in self.runs.values():
            if run.touched and run.is_due(now):
                self._attempt(run, run.commit)

    def _attempt(self, run: Run, operation: Callable[[], Written]) -> bool:
        written = run.attempt(operation, time.monotonic())
        if written is None:
            return False
        if written.events:
            self._written_at, self._urgent = time.monotonic(), written.urgent
        self.events += len(written.events)
        self.lost += written.lost
        self._report(written)
        if written.closed:
            self.runs.pop(run.log.run, None)
        return True

    def _tend(self, drained_at: float) -> None:
        """Do what is not an event's: that would hold up its acknowledgement, which this process is just sending."""
        if self._unfinished.is_busy:
            self._unfinished.finish_next(self.runs)
        if time.monotonic() - self._looked_at >= TICK_S:
            self._close_vanished(drained_at)
            self._attest()
            self._delete_next()

    def _attest(self) -> None:
        now = time.monotonic()
        for run in self._attestations.due(self.runs, now):
            log = run.log
            body = records.attestation(records.now(), self._attestations.minutes, log.last, log.lost)
            if self._attempt(run, partial(run.record, body)):
                self._attestations.done(run, now)

    def _delete_next(self) -> None:
        witness = next((run for run in self.runs.values() if run.is_taken_up and not run.touched), None)
        if witness is None or self._unfinished.is_busy:
            return
        try:
            doomed = self._retention.next(self.runs, time.monotonic())
            if doomed is not None:
                self._delete(doomed, witness)
        except OSError as error:
            # Not worth holding up anybody; the next look is in an hour.
            failure = failure_of(error, 0)
            self._complain(f"An old log cannot be deleted: {failure.file}: {failure.reason}")

    def _delete(self, doomed: Doomed, witness: Run) -> None:
        log = doomed.log
        body = records.deletion(records.now(), log.run, len(log.files), log.size, doomed.reason, witness.log.last)
        if self._attempt(witness, lambda: witness.record(body)):
            self._retention.delete(log)
            self._complain(f"Deleted the closed log of run {log.run} ({log.size} bytes): {doomed.reason}")

    def _close_vanished(self, drained_at: float) -> None:
        self._looked_at = now = time.monotonic()
        for run in list(self.runs.values()):
            if run.gone_at is None:
                run.gone_at = None if is_alive(run.process) else now
            elif drained_at > run.gone_at + QUIET_S and not run.touched and run.is_due(now):
                self._attempt(run, run.close)
        self._unfinished.finish_gone(self.runs)
