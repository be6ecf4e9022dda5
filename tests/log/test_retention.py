"""Closed logs go when they are old or too many, never without a record, and nothing else ever goes."""

import errno
import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import SettingsError
from shared.naming import compressed_name, log_name
from sidecar import records
from sidecar.disk import Disk
from sidecar.limits import KEEP_BYTES_VARIABLE, KEEP_DAYS_VARIABLE, PART_BYTES, Limits, read_limits
from sidecar.records import Owner
from sidecar.retention import DAY_S, ClosedLog, choose
from sidecar.runlog import RunLog
from sidecar.verify.check import Part, check_log
from sidecar.verify.files import read_chunks
from tests.log.bench import NOW, OWNER, RUN, Bench, body
from tests.log.disks import FaultyDisk
from tests.log.reading import of_sidecar

MONTH = Limits(keep_days=30)


def run_id(number: int) -> str:
    return f"20261101T00000{number}Z-0000000{number}"


def closed_log(number: int, days: float, size: int = 100) -> ClosedLog:
    return ClosedLog(run_id(number), [Path(log_name(run_id(number)))], size, time.time() - days * DAY_S)


def test_what_is_older_than_the_days_kept_goes_the_oldest_first() -> None:
    logs = [closed_log(1, 29), closed_log(2, 31), closed_log(3, 400)]
    doomed = choose(logs, MONTH, time.time())
    assert [(each.log.run, each.reason) for each in doomed] == [
        (run_id(3), "older than 30 days"), (run_id(2), "older than 30 days"),
    ]  # fmt: skip


def test_of_what_is_too_much_the_oldest_go() -> None:
    logs = [closed_log(1, 3, 500), closed_log(2, 2, 400), closed_log(3, 1, 300)]
    doomed = choose(logs, Limits(keep_bytes=700), time.time())
    assert [each.log.run for each in doomed] == [run_id(1)]
    assert doomed[0].reason == "closed logs take more than 700 bytes"


def test_without_limits_everything_is_kept() -> None:
    assert choose([closed_log(1, 4_000, 10**15)], Limits(), time.time()) == []


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(1, 1_000)), max_size=8), st.integers(1, 3_000))
def test_what_is_kept_fits_and_is_newer_than_what_goes_for_its_size(logs: list[tuple[float, int]], room: int) -> None:
    given_logs = [closed_log(number, days, size) for number, (days, size) in enumerate(logs)]
    gone = {each.log.run for each in choose(given_logs, Limits(keep_bytes=room), time.time())}
    kept = [log for log in given_logs if log.run not in gone]
    assert sum(log.size for log in kept) <= room


class Old:
    """A directory of logs that ended so many days ago."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.paths: list[Path] = []

    def add(self, number: int, days: float, *, closed: bool = True, owner: Owner | None = None, parts: int = 1) -> Path:
        run = run_id(number)
        log = RunLog(Disk(), self.bench.directory, run, owner or dead(), lambda: NOW, 400 if parts > 1 else PART_BYTES)
        log.recover()
        for seq in range(1, parts + 1):
            log.append([body(seq)], seq)
        if closed:
            log.append([records.closing(NOW, records.CLEAN, parts, 0, parts)], parts)
        log.close()
        for part in range(1, log.part + 1):
            path = self.bench.directory / log_name(run, part)
            self.paths.append(path)
            os.utime(path, (time.time() - days * DAY_S,) * 2)
        return path

    def names(self) -> set[str]:
        return {path.name for path in self.bench.directory.iterdir()}


def dead() -> Owner:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        return Owner(process.pid, 1.0)


@pytest.fixture
def old(bench: Bench) -> Old:
    return Old(bench)


def test_a_deleted_log_leaves_a_record_in_the_chain_of_an_open_run(bench: Bench, old: Old) -> None:
    old.add(1, 40, parts=3)
    young = old.add(2, 1)
    sidecar = bench.sidecar(limits=MONTH)
    sidecar.greet(0)
    sidecar.tick(5)
    assert old.names() == {young.name, bench.path().name}
    assert of_sidecar(bench.records_of(RUN)) == [
        "Log opened", f"Deleted the closed log of run {run_id(1)}: older than 30 days",
    ]  # fmt: skip
    record = bench.records_of(RUN)[-1]
    assert (record["deleted_run"], record["deleted_files"], record["last"]) == (run_id(1), 4, 0)
    assert sidecar.complaints == [
        f"Deleted the closed log of run {run_id(1)} ({record['deleted_bytes']} bytes): older than 30 days"
    ]
    report = check_log([Part(bench.path().name, RUN, 1, partial(read_chunks, bench.path()))])
    assert report.findings == []
    assert f"the log of run {run_id(1)} was deleted: older than 30 days" in [note.text for note in report.notes]


def test_without_an_open_run_that_can_tell_nothing_is_deleted(bench: Bench, old: Old) -> None:
    old.add(1, 40)
    before = old.names()
    bench.sidecar(limits=MONTH).tick(5)
    assert old.names() == before


def test_what_is_not_closed_or_may_speak_again_is_kept(bench: Bench, old: Old) -> None:
    old.add(1, 400, closed=False, owner=OWNER)
    old.add(2, 400, owner=OWNER)
    held = RunLog(Disk(), bench.directory, run_id(3), OWNER, lambda: NOW)
    old.add(3, 400).touch()
    held.recover()
    (bench.directory / "notes.txt").write_text("mine")
    os.utime(bench.directory / "notes.txt", (0, 0))
    before = old.names()
    sidecar = bench.sidecar(limits=MONTH)
    sidecar.greet(0)
    sidecar.tick(8)
    assert old.names() == before | {bench.path().name}
    held.close()


def test_a_compressed_log_goes_with_its_parts(bench: Bench, old: Old) -> None:
    path = old.add(1, 40)
    path.rename(path.with_name(compressed_name(run_id(1))))
    sidecar = bench.sidecar(limits=MONTH)
    sidecar.greet(0)
    sidecar.tick(5)
    assert old.names() == {bench.path().name}


def test_nothing_is_deleted_before_its_record_is_durable(bench: Bench, old: Old) -> None:
    path = old.add(1, 40)
    disk = FaultyDisk()
    sidecar = bench.sidecar(disk, limits=MONTH)
    sidecar.greet(0)
    disk.fail("fsync", errno.EIO)
    sidecar.tick(1)
    assert disk.failures == 1
    assert path.exists()


def test_a_log_that_cannot_be_deleted_is_said_and_holds_up_nobody(bench: Bench, old: Old) -> None:
    path = old.add(1, 40)
    disk = FaultyDisk()
    sidecar = bench.sidecar(disk, limits=MONTH)
    sidecar.greet(1)
    disk.fail("unlink", errno.EACCES)
    sidecar.tick(3)
    assert path.exists()
    assert [complaint for complaint in sidecar.complaints if "cannot be deleted" in complaint] == [
        f"An old log cannot be deleted: {path}: Permission denied; let this user read and write there"
    ]
    assert sidecar.serve(0, 1).durable == 1


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5", "٣"])
def test_a_limit_that_makes_no_sense_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(SettingsError, match=r"DATATOOLS_AUDIT_KEEP_DAYS is .* whole number of at least 1"):
        read_limits({KEEP_DAYS_VARIABLE: text})


def test_limits_are_off_unless_they_are_set() -> None:
    assert read_limits({}) == read_limits({KEEP_DAYS_VARIABLE: " "}) == Limits(PART_BYTES, 0, 0)
    assert read_limits({KEEP_DAYS_VARIABLE: "30", KEEP_BYTES_VARIABLE: "5000"}) == Limits(PART_BYTES, 30, 5000)
