"""One run's log under test: sidecars that come and go, and what their files say."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from shared.chain import event_body
from shared.naming import log_name
from shared.wire import MISSING, VERSION, Ack, Alive, Event, Hello, Skipped, Upstream, encode
from sidecar.backlog import Backlog
from sidecar.disk import Disk
from sidecar.limits import DEFAULT_LIMITS, PART_BYTES, Limits
from sidecar.records import Owner
from sidecar.runlog import RunLog
from sidecar.writer import Writer
from tests.log.reading import accounts, parts_of, read_log
from tests.support.waiting import until

if TYPE_CHECKING:
    from sidecar.run import Written

RUN = "20261123T153000Z-a1b2c3d4"
OWNER = Owner(os.getpid(), psutil.Process().create_time())
NOW = 1_795_447_800_123_456


def body(seq: int, **extra: object) -> bytes:
    return event_body(NOW + seq, "info", "upload", "a1b2c3d4", f"Event {seq}", {"rows": seq, **extra}, seq)


def event(seq: int, **extra: object) -> Event:
    return Event(RUN, seq, NOW + seq, "info", "upload", "a1b2c3d4", f"Event {seq}", {"rows": seq, **extra})


class Bench:
    """The directory of a run's log; `log` begins a RunLog on it, `sidecar` a whole writer."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._open: list[RunLog] = []

    def path(self, part: int = 1) -> Path:
        return self.directory / log_name(RUN, part)

    @property
    def parts(self) -> list[Path]:
        return parts_of(self.directory)

    def log(self, disk: Disk | None = None, part_bytes: int = PART_BYTES) -> RunLog:
        """A RunLog as after the start of a sidecar, recovered."""
        log = self.fresh(disk, part_bytes)
        log.recover()
        return log

    def fresh(self, disk: Disk | None = None, part_bytes: int = PART_BYTES) -> RunLog:
        """A RunLog that has looked at nothing yet."""
        log = RunLog(disk or Disk(), self.directory, RUN, OWNER, lambda: NOW, part_bytes)
        self._open.append(log)
        return log

    def sidecar(self, disk: Disk | None = None, limits: Limits = DEFAULT_LIMITS, attest_minutes: int = 0) -> "Sidecar":
        return Sidecar(self, disk or Disk(), limits, attest_minutes)

    def written(self, last: int, **extra: object) -> bytes:
        """A log of the events 1 to `last`, each with a commit of its own, as a dead sidecar left it: its bytes."""
        log = self.log()
        for seq in range(1, last + 1):
            log.append([body(seq, **extra)], seq)
        log.close()
        return self.path().read_bytes()

    def records(self) -> list[dict[str, Any]]:
        """The lines of all parts, their chain checked."""
        return read_log(*self.parts)

    def records_of(self, run: str) -> list[dict[str, Any]]:
        """The lines of the first part of one of several runs."""
        return read_log(self.directory / log_name(run))

    def told(self) -> list[str]:
        """What the log says of each number, checked for holes and overlaps."""
        return accounts(self.records())

    def close(self) -> None:
        for log in self._open:
            log.close()


class Sidecar:
    """A writer that is handed frames by the test instead of a socket and a thread."""

    def __init__(self, bench: Bench, disk: Disk, limits: Limits, attest_minutes: int) -> None:
        self.reports: list[Written] = []
        self.complaints: list[str] = []
        self._bench = bench
        self.writer = Writer(
            Backlog(), disk, bench.directory, "0badcafe", self.reports.append, self.complaints.append, limits,
            attest_minutes=attest_minutes,
        )  # fmt: skip

    def hear(self, *messages: Upstream) -> Ack:
        """One batch, tried again while the disk refuses. Returns its acknowledgement."""
        for message in messages:
            self.writer._receive(encode(message))
        until(self._commits, lambda: f"a disk that works; it refuses {self.writer.failure}", 20)
        for run in self.writer.runs.values():
            if run.log not in self._bench._open:
                self._bench._open.append(run.log)
        return self.reports[-1].ack

    def _commits(self) -> bool:
        self.writer._commit()
        # What was held while the disk refused is committed behind what it refused.
        return self.writer.failure is None and not any(run.touched for run in self.writer.runs.values())

    def greet(self, seq: int) -> Ack:
        """A GUI that has given out the numbers through `seq` says Hello."""
        return self.hear(Hello(RUN, VERSION, OWNER.pid, OWNER.started, seq))

    def serve(self, durable: int, last: int) -> Ack:
        """A GUI that holds everything behind `durable` sends as asked until all through `last` is acknowledged."""
        self.greet(last)
        begin = durable + 1
        for _ in range(5):
            skipped = [Skipped(RUN, begin, durable, MISSING)] if begin <= durable else []
            events = [event(seq) for seq in range(max(begin, durable + 1), last + 1)]
            ack = self.hear(*skipped, *events, Alive(RUN, last, urgent=True))
            if not ack.wanted:
                return ack
            begin = ack.wanted
        raise AssertionError(f"still wanted: {ack}")

    def tick(self, times: int) -> None:
        """What the writer does between batches."""
        for _ in range(times):
            self.writer._delete_next()

    def stop(self) -> None:
        for run in self.writer.runs.values():
            run.log.close()
