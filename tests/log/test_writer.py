"""The writer: what it admits, what it declares, how it ends runs. Driven batch by batch, and once as a thread."""

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path
from time import monotonic

import msgspec
import psutil
import pytest

from gui.audit.outbox import OVERFLOW
from shared.wire import UNKNOWN_RUN, VERSION, Alive, Bye, Event, Hello, Skipped, encode
from sidecar.backlog import Backlog
from sidecar.disk import Disk
from sidecar.log_tail import COMMIT_BYTES, LONGEST_LINE
from sidecar.records import Owner
from sidecar.run import HELD_BYTES, UNWRITABLE, Written
from sidecar.runlog import RunLog
from sidecar.writer import GATHER_BYTES, Writer
from tests.log.bench import NOW, OWNER, RUN, Bench, body, event
from tests.log.disks import RecordingDisk
from tests.log.reading import accounts, of_sidecar, read_log
from tests.support.waiting import until

OTHER = "20261123T153001Z-00000002"


def test_a_batch_is_written_and_acknowledged_once(bench: Bench) -> None:
    sidecar = bench.sidecar()
    sidecar.greet(3)
    ack = sidecar.hear(event(1), event(2), event(2), event(1), event(3))
    assert (ack.durable, ack.wanted, ack.lost, ack.head) == (3, 0, 0, sidecar.writer.runs[RUN].log.head)
    assert bench.told() == ["1", "2", "3"]
    assert [each.seq for each in sidecar.reports[-1].events] == [1, 2, 3]
    assert sidecar.reports[-1].lines.count(b"\n") == 3
    assert sidecar.hear(event(3)).durable == 3
    assert sidecar.reports[-1].lines == b""


def test_a_hole_is_asked_for_and_nothing_behind_it_is_written(bench: Bench) -> None:
    sidecar = bench.sidecar()
    sidecar.greet(5)
    ack = sidecar.hear(event(1), event(3), event(4))
    assert (ack.durable, ack.wanted) == (1, 2)
    assert bench.told() == ["1"]
    assert sidecar.hear(event(2), event(3), event(4)).durable == 4


def test_what_the_gui_dropped_becomes_a_gap_and_is_said(bench: Bench) -> None:
    sidecar = bench.sidecar()
    sidecar.greet(9)
    ack = sidecar.hear(event(1), Skipped(RUN, 2, 7, OVERFLOW), event(8))
    assert (ack.durable, ack.lost) == (8, 6)
    assert bench.told() == ["1", f"2-7 {OVERFLOW}", "8"]
    assert sidecar.writer.lost == 6
    assert ["(2 to 7)" in line and OVERFLOW in line for line in sidecar.complaints] == [True]


def test_a_skip_that_ends_before_it_begins_is_nothing(bench: Bench) -> None:
    sidecar = bench.sidecar()
    sidecar.greet(1)
    assert sidecar.hear(Skipped(RUN, 5, 2, OVERFLOW), Skipped(RUN, 1, 1, OVERFLOW)).durable == 1


@pytest.mark.parametrize(
    "frame",
    [b"", b"\xc1", b"garbage" * 1000, b"\x91" * 60_000, msgspec.msgpack.encode(["event", RUN, 0]), b"\x93\xa5event"],
)
def test_what_is_not_of_this_protocol_is_counted_and_said_once(bench: Bench, frame: bytes) -> None:
    sidecar = bench.sidecar()
    sidecar.greet(1)
    for _ in range(3):
        sidecar.writer._receive(frame)
    assert sidecar.hear(event(1)).durable == 1
    assert (sidecar.writer.refused, len(sidecar.complaints)) == (3, 1)
    assert "\n" not in sidecar.complaints[0]
    assert len(sidecar.complaints[0]) < 500


def test_an_event_that_json_cannot_say_becomes_a_gap_of_one(bench: Bench) -> None:
    sidecar = bench.sidecar()
    sidecar.greet(3)
    odd = msgspec.msgpack.encode(
        ["event", RUN, 2, NOW, "info", "nav", "", "odd", {"x": msgspec.msgpack.Ext(5, b"data")}]
    )  # fmt: skip
    sidecar.writer._receive(encode(event(1)))
    sidecar.writer._receive(odd)
    assert sidecar.hear(event(3)).durable == 3
    assert bench.told() == ["1", f"2-2 {UNWRITABLE}", "3"]


def test_a_stranger_is_asked_to_greet(bench: Bench) -> None:
    sidecar = bench.sidecar()
    ack = sidecar.hear(event(1))
    assert (ack.run, ack.durable, ack.part) == (RUN, 0, UNKNOWN_RUN)
    assert not bench.directory.exists()


def test_two_strangers_at_once_are_both_asked_to_greet(bench: Bench) -> None:
    sidecar = bench.sidecar()
    other = Event(OTHER, 1, NOW, "info", "nav", "", "m", {})
    sidecar.hear(event(1), other, event(2), other, event(3), other)
    assert {report.ack.run for report in sidecar.reports} == {RUN, OTHER}
    assert len(sidecar.reports) <= 3, "a stranger that sends a thousand events is not answered a thousand times"


def test_another_version_of_the_protocol_is_refused_in_words(bench: Bench) -> None:
    sidecar = bench.sidecar()
    sidecar.writer._receive(encode(Hello(RUN, VERSION + 1, OWNER.pid, OWNER.started, 0)))
    assert "version 2 of the protocol" in sidecar.complaints[0]
    assert sidecar.writer.runs == {}


def test_runs_have_a_log_each(bench: Bench) -> None:
    sidecar = bench.sidecar()
    sidecar.greet(1)
    sidecar.hear(Hello(OTHER, VERSION, OWNER.pid, OWNER.started, 1))
    sidecar.hear(event(1), Event(OTHER, 1, NOW, "info", "nav", "", "m", {}))
    assert len(bench.parts) == 2
    for part in bench.parts:
        assert accounts(read_log(part)) == ["1"]


# Ends.


def gone() -> Owner:
    """A process that lived and is no more."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        owner = Owner(process.pid, psutil.Process(process.pid).create_time())
        process.communicate(b"\n")
    return owner


class Thread:
    """The writer in its own thread, as the sidecar runs it."""

    def __init__(self, bench: Bench, disk: Disk | None = None) -> None:
        self.backlog = Backlog()
        self.reports: list[Written] = []
        self.complaints: list[str] = []
        self.writer = Writer(
            self.backlog, disk or Disk(), bench.directory, "0badcafe", self.reports.append, self.complaints.append
        )
        self._thread = threading.Thread(target=self.writer.run, daemon=True)
        self._thread.start()

    def put(self, *messages: Hello | Event | Alive | Bye) -> None:
        self.backlog.put([encode(message) for message in messages])

    def wait_for(self, durable: int) -> None:
        deadline = monotonic() + 20
        while not any(report.ack.durable >= durable for report in list(self.reports)):
            assert monotonic() < deadline, self.reports
            threading.Event().wait(0.01)

    def wait_for_a_closed_run(self) -> None:
        deadline = monotonic() + 10
        while not any(report.closed for report in list(self.reports)):
            assert monotonic() < deadline, self.reports
            # As the main thread does whenever it found the socket empty.
            self.backlog.drained_at = monotonic()
            threading.Event().wait(0.01)

    def end(self) -> None:
        """End it; what it could not close by then stays open."""
        self.backlog.end()
        self._thread.join(20)
        assert not self._thread.is_alive()


def hello(owner: Owner = OWNER, seq: int = 0) -> Hello:
    return Hello(RUN, VERSION, owner.pid, owner.started, seq)


def test_a_run_that_said_goodbye_is_closed_clean_at_the_end(bench: Bench) -> None:
    thread = Thread(bench)
    thread.put(hello(), event(1), event(2), Bye(RUN, 2))
    thread.wait_for(2)
    thread.end()
    assert bench.told() == ["1", "2"]
    last = bench.records()[-1]
    assert (last["outcome"], last["events"], last["lost"], last["known"], last["last"]) == ("clean", 2, 0, 2, 2)


def test_a_run_that_lives_on_is_not_closed_when_the_sidecar_ends(bench: Bench) -> None:
    thread = Thread(bench)
    thread.put(hello(), event(1), Alive(RUN, 1, urgent=True))
    thread.wait_for(1)
    thread.end()
    assert of_sidecar(bench.records()) == ["Log opened"]


def test_a_run_whose_process_is_gone_is_closed_as_vanished_with_the_last_number_known(bench: Bench) -> None:
    thread = Thread(bench)
    thread.put(hello(gone(), seq=5), event(1), event(2))
    thread.wait_for_a_closed_run()
    thread.end()
    assert bench.told() == ["1", "2"]
    last = bench.records()[-1]
    assert (last["outcome"], last["events"], last["known"], last["last"]) == ("vanished", 2, 5, 2)
    assert "at least 3 of its events never arrived" in last["message"]


def test_a_goodbye_that_comes_late_does_not_make_clean_what_was_said_since(bench: Bench) -> None:
    thread = Thread(bench)
    # The run went on behind its goodbye, on another connection, and was killed.
    thread.put(hello(gone(), seq=1), event(1), event(2), Bye(RUN, 1))
    thread.wait_for_a_closed_run()
    thread.end()
    assert bench.told() == ["1", "2"]
    assert bench.records()[-1]["outcome"] == "vanished"


def test_a_run_that_speaks_again_behind_its_closing_line_goes_on(bench: Bench) -> None:
    for first in (1, 3):
        thread = Thread(bench)
        thread.put(hello(seq=first - 1), event(first), event(first + 1), Bye(RUN, first + 1))
        thread.wait_for(first + 1)
        thread.end()
    assert bench.told() == ["1", "2", "3", "4"]
    assert of_sidecar(bench.records()) == ["Log opened", "Run ended", "Run ended"]
    assert bench.records()[-1]["events"] == 4


def left_by_the_dead(bench: Bench, part_bytes: int = 10**6) -> None:
    log = RunLog(Disk(), bench.directory, RUN, gone(), lambda: NOW, part_bytes)
    log.recover()
    for seq in range(1, 4):
        log.append([body(seq)], seq)
    log.close()


def test_the_log_of_a_dead_run_is_closed_at_the_start(bench: Bench) -> None:
    left_by_the_dead(bench)
    thread = Thread(bench)
    thread.wait_for_a_closed_run()
    thread.end()
    assert bench.told() == ["1", "2", "3"]
    assert bench.records()[-1]["outcome"] == "vanished"
    before = bench.path().read_bytes()
    again = Thread(bench)
    again.end()
    assert bench.path().read_bytes() == before


@pytest.mark.parametrize("damage", ["torn", "corrupt", "empty part"])
def test_the_damaged_log_of_a_dead_run_is_closed_at_the_start_once(bench: Bench, damage: str) -> None:
    left_by_the_dead(bench)
    if damage == "empty part":
        bench.path(2).touch()
    else:
        with bench.path().open("ab") as file:
            file.write(b'{"ts' if damage == "torn" else b"garbage\n")
    thread = Thread(bench)
    thread.wait_for_a_closed_run()
    thread.end()
    assert bench.told() == ["1", "2", "3"]
    assert bench.records()[-1]["outcome"] == "vanished"
    parts = len(bench.parts)
    Thread(bench).end()
    assert len(bench.parts) == parts
    assert [each.get("outcome") for each in bench.records()].count("vanished") == 1


def test_a_process_that_dies_before_it_greets_this_sidecar_is_noticed(bench: Bench) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        owner = Owner(process.pid, psutil.Process(process.pid).create_time())
        log = RunLog(Disk(), bench.directory, RUN, owner, lambda: NOW)
        log.recover()
        log.append([body(1)], 1)
        log.close()
        thread = Thread(bench)
        # Behind the first look at the logs: a run of another process is served.
        thread.put(Hello(OTHER, VERSION, OWNER.pid, OWNER.started, 0), other(1))
        thread.wait_for(1)
        assert of_sidecar(bench.records_of(RUN)) == ["Log opened"]
        process.communicate(b"\n")
    thread.wait_for_a_closed_run()
    thread.end()
    assert bench.records_of(RUN)[-1]["outcome"] == "vanished"


class UnreadableDisk(Disk):
    """One file of it is not to be read."""

    def read(self, fd: int, size: int, offset: int, path: Path) -> bytes:
        if RUN in path.name:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
        return super().read(fd, size, offset, path)


def test_an_old_log_that_cannot_be_read_holds_up_nobody(bench: Bench) -> None:
    left_by_the_dead(bench)
    thread = Thread(bench, UnreadableDisk())
    thread.put(Hello(OTHER, VERSION, OWNER.pid, OWNER.started, 0), other(1), other(2))
    thread.wait_for(2)
    thread.end()
    assert any(RUN in complaint and "Input/output error" in complaint for complaint in thread.complaints)


class OneRefusedDisk(Disk):
    """One file of it cannot be opened until `refuses` is cleared."""

    def __init__(self) -> None:
        super().__init__()
        self.refuses = threading.Event()
        self.refuses.set()

    def open(self, path: Path) -> int:
        if RUN in path.name and self.refuses.is_set():
            raise OSError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return super().open(path)


def test_a_run_whose_log_cannot_be_opened_holds_up_no_other_and_loses_nothing(bench: Bench) -> None:
    bench.written(2)
    disk = OneRefusedDisk()
    thread = Thread(bench, disk)
    thread.put(hello(seq=4), event(3), event(4), Hello(OTHER, VERSION, OWNER.pid, OWNER.started, 0), other(1), other(2))
    thread.wait_for(2)
    assert [report.ack.run for report in thread.reports] == [OTHER] * len(thread.reports)
    failure = thread.writer.failure
    assert failure is not None
    assert (failure.file, failure.reason) == (
        str(bench.path()),
        "Permission denied; let this user read and write there",
    )
    disk.refuses.clear()
    thread.wait_for(4)
    assert thread.writer.failure is None
    thread.end()
    assert accounts(bench.records_of(RUN)) == ["1", "2", "3", "4"]
    assert accounts(bench.records_of(OTHER)) == ["1", "2"]


def test_what_a_run_in_trouble_cannot_hold_is_asked_for_afterwards(bench: Bench) -> None:
    bench.written(2)
    disk = OneRefusedDisk()
    thread = Thread(bench, disk)
    last = 2 + 3 * HELD_BYTES // 16_000
    thread.put(hello(seq=last), *(event(seq, text="x" * 16_000) for seq in range(3, last + 1)))
    until(lambda: thread.writer.failure, "the refusal")
    until(lambda: thread.backlog.bytes == 0, "everything heard")
    disk.refuses.clear()
    until(lambda: any(report.ack.wanted for report in list(thread.reports)), "a question")
    [wanted] = [report.ack.wanted for report in thread.reports if report.ack.wanted]
    assert last // 4 < wanted < last // 2
    thread.put(hello(seq=last), *(event(seq) for seq in range(wanted, last + 1)))
    thread.wait_for(last)
    thread.end()
    assert bench.told() == [str(seq) for seq in range(1, last + 1)]


def test_what_a_run_in_trouble_holds_is_written_when_the_disk_works_again_at_the_end(bench: Bench) -> None:
    bench.written(2)
    disk = OneRefusedDisk()
    thread = Thread(bench, disk)
    thread.put(hello(seq=4), event(3), event(4))
    until(lambda: thread.writer.failure, "the refusal")
    until(lambda: thread.backlog.bytes == 0, "everything heard")
    thread.backlog.end()
    disk.refuses.clear()
    thread.end()
    assert bench.told() == ["1", "2", "3", "4"]


def test_a_commit_is_bounded_however_much_has_come(bench: Bench) -> None:
    calls: list[tuple[str, str]] = []
    thread = Thread(bench, RecordingDisk(calls))
    thread.put(hello(seq=300), *(event(seq, text="x" * 16_000) for seq in range(1, 301)))
    thread.wait_for(300)
    thread.end()
    assert bench.told() == [str(seq) for seq in range(1, 301)]
    # What a power cut can tear must lie within what a recovery reads.
    assert max(len(report.lines) for report in thread.reports) < COMMIT_BYTES + LONGEST_LINE
    assert calls.count(("fsync", bench.path().name)) > 4


def other(seq: int) -> Event:
    return Event(OTHER, seq, NOW, "info", "nav", "", "Opened home", {})


def test_the_log_of_a_living_process_is_left_alone_at_the_start(bench: Bench) -> None:
    before = bench.written(2)
    assert OWNER.pid == os.getpid()
    Thread(bench).end()
    assert bench.path().read_bytes() == before


class Waits(threading.Event):
    """How often it was waited for."""

    count = 0

    def wait(self, timeout: float | None = None) -> bool:
        self.count += 1
        return super().wait(timeout)


def test_what_comes_fast_is_gathered_until_it_is_worth_an_fsync(bench: Bench) -> None:
    writer = bench.sidecar().writer
    waits = writer.abandon = Waits()
    # Behind others, however slow this machine is.
    writer._written_at = monotonic() + 60
    writer._backlog.put([b"x"])
    writer._gather()
    assert waits.count == 1
    writer._backlog.put([b"x" * GATHER_BYTES])
    writer._gather()
    assert waits.count == 1
    # What was taken and is being written does not count.
    writer._backlog.take(0)
    writer._gather()
    assert waits.count == 2
