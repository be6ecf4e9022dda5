"""How does it live with logs that grow for weeks? In parts, of which a restart reads the last, and with what is old deleted."""

import os
import signal
import time
from pathlib import Path

import pytest

from shared.chain import GENESIS, head_of, seal
from shared.naming import log_name
from sidecar import records
from sidecar.disk import Disk, System
from sidecar.limits import KEEP_BYTES_VARIABLE, KEEP_DAYS_VARIABLE, PART_BYTES, PART_BYTES_VARIABLE
from sidecar.log_tail import WINDOW
from sidecar.runlog import RunLog
from tests.log.bench import NOW, OWNER, RUN, Bench, body
from tests.log.reading import parts_of
from tests.support import logs
from tests.support.processes import Pair
from tests.support.waiting import until

PARTS = 160
MARGIN = 1024 * 1024


class CountingSystem(System):
    """Counts the bytes read."""

    def __init__(self) -> None:
        self.bytes_read = 0

    def read(self, fd: int, size: int, offset: int) -> bytes:
        block = os.pread(fd, size, offset)
        self.bytes_read += len(block)
        return block


def part(number: int, last: int, head: str, events: int) -> bytes:
    """The bytes of a part behind the event `last`."""
    bodies = [records.opening(NOW, RUN, OWNER, number, 0, last)]
    bodies += [body(last + each, text="x" * 400) for each in range(1, events + 1)]
    return seal(head, bodies)[0]


@pytest.fixture
def ten_gigabytes(bench: Bench) -> Bench:
    """A log of 10 GB, as large to every call that asks; only its last part has bytes in it."""
    bench.directory.mkdir()
    for number in range(1, PARTS):
        with bench.path(number).open("wb") as file:
            file.truncate(PART_BYTES)
    bench.path(PARTS).write_bytes(part(PARTS, 40_000_000, GENESIS, 2_000))
    return bench


def test_the_restart_on_a_log_of_ten_gigabytes_reads_its_last_part_alone(ten_gigabytes: Bench) -> None:
    bench = ten_gigabytes
    size = sum(path.stat().st_size for path in bench.parts)
    last_size = bench.path(PARTS).stat().st_size
    assert size > 10 * 10**9
    system = CountingSystem()
    log = bench.fresh(Disk(system=system))
    log.recover()
    assert (log.last, log.part) == (40_002_000, PARTS)
    # Its gaps are searched for, its end is checked, and written again.
    assert last_size <= system.bytes_read <= last_size + 2 * min(last_size, WINDOW) + MARGIN
    log.append([body(40_002_001)], 40_002_001)
    assert bench.path(PARTS).read_bytes().endswith(b"}\n")


def test_a_restart_reads_no_more_than_the_window_of_a_closed_log(bench: Bench) -> None:
    log = bench.log()
    for seq in range(1, 11):
        log.append([body(each, text="x" * 10_000) for each in range(seq * 100 - 99, seq * 100 + 1)], seq * 100)
    log.append([records.closing(NOW, records.CLEAN, 1_000, 0, 1_000)], 1_000)
    log.close()
    system = CountingSystem()
    sidecar = bench.sidecar(Disk(system=system))
    sidecar.writer._unfinished.find()
    sidecar.writer._unfinished.finish_next({})
    assert bench.path().stat().st_size > 10 * 10**6
    # The opening line, which names its process, and the closing line.
    assert 0 < system.bytes_read < 100_000


@pytest.mark.long
def test_parts_as_small_as_the_setting_says_stay_one_chain_over_kills(pair: Pair) -> None:
    pair.settings[PART_BYTES_VARIABLE] = "4096"
    producer = pair.producer()
    for life in range(3):
        sidecar = pair.ready_sidecar()
        for first in (life * 100 + 1, life * 100 + 51):
            # More than a part each time, so that the next commit begins another.
            producer.ask("log", first, first + 49)
            producer.wait_for_durable(first + 49)
        sidecar.signal(signal.SIGKILL)
        sidecar.wait()
    pair.ready_sidecar()
    producer.ask("log", 301, 301)
    status = producer.wait_for_durable(301)
    assert producer.end() == 0
    until(lambda: b'"outcome":"clean"' in parts_of(pair.audit)[-1].read_bytes(), "the closing line")
    parts = parts_of(pair.audit)
    assert len(parts) >= 6
    assert all(path.stat().st_size < 4096 + 64 * 1024 for path in parts)
    lines = b"".join(path.read_bytes() for path in parts)[:-1].split(b"\n")
    logs.check_chain(lines)
    assert status["lost"] == 0
    code, printed, _ = pair.verify()
    assert code == 0, printed
    assert f"{len(parts)} parts, 301 events (1 to 301), 0 lost" in "\n".join(printed)


@pytest.mark.parametrize("text", ["64MB", "0", "-5", "1023"])
def test_a_part_size_that_makes_no_sense_is_refused_before_anything_is_served(pair: Pair, text: str) -> None:
    pair.settings[PART_BYTES_VARIABLE] = text
    sidecar = pair.sidecar()
    assert sidecar.wait() == 1
    assert sidecar.err == [
        f"{PART_BYTES_VARIABLE} is {text!r}. Set it to a whole number of at least 1024, or leave it out."
    ]


def closed_run(pair: Pair, events: int) -> Path:
    """The log of a run that is done with."""
    producer = pair.producer()
    producer.ask("log", 1, events)
    producer.wait_for_durable(events)
    assert producer.end() == 0
    pair.wait_for_closing(producer.log)
    return producer.log


@pytest.mark.long
def test_old_closed_logs_are_deleted_only_when_a_setting_says_so_and_the_chain_of_today_tells(pair: Pair) -> None:
    sidecar = pair.ready_sidecar()
    old, young = closed_run(pair, 30), closed_run(pair, 20)
    os.utime(old, (time.time() - 11 * 86_400,) * 2)
    size = old.stat().st_size
    sidecar.signal(signal.SIGTERM)
    assert sidecar.wait() == 0

    sidecar = pair.ready_sidecar()
    witness = closed_run(pair, 5)
    assert old.exists(), "retention is off by default"
    sidecar.signal(signal.SIGTERM)
    assert sidecar.wait() == 0

    pair.settings[KEEP_DAYS_VARIABLE] = "10"
    pair.settings[KEEP_BYTES_VARIABLE] = "1000000"
    sidecar = pair.ready_sidecar()
    producer = pair.producer()
    producer.ask("log", 1, 3)
    producer.wait_for_durable(3)
    until(lambda: not old.exists(), "the old log deleted")
    assert set(pair.log_files()) == {young, witness, producer.log}
    said = f"Deleted the closed log of run {logs.run_of(old)} ({size} bytes): older than 10 days"
    sidecar.wait_for_line(said, err=True)
    [record] = [line for line in logs.read(producer.log) if "deleted_run" in line]
    assert (record["deleted_run"], record["deleted_files"], record["deleted_bytes"]) == (logs.run_of(old), 1, size)
    code, printed, _ = pair.verify()
    assert code == 0
    assert any(f"the log of run {logs.run_of(old)} was deleted: older than 10 days" in line for line in printed)


def test_the_first_part_of_a_run_is_found_again_behind_its_later_ones(bench: Bench) -> None:
    log = RunLog(Disk(), bench.directory, RUN, OWNER, lambda: NOW, 1024)
    log.recover()
    for seq in range(1, 40):
        log.append([body(seq)], seq)
    log.close()
    assert len(bench.parts) > 9
    again = bench.log(part_bytes=1024)
    assert (again.last, again.part) == (39, len(bench.parts))
    last = bench.path(again.part).read_bytes()[:-1].split(b"\n")[-1]
    assert again.head == head_of(last)
    assert bench.path(again.part).name == log_name(RUN, again.part)
