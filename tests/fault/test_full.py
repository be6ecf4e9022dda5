"""Does a full disk lose an event, double one, or stay a secret? On a real small file system that is really filled."""

import errno
import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import pair
from tests.fault.recording import Recording
from tests.fault.saying import refusal
from tests.fault.telling import EVENT
from tests.fault.tmpfs import PAGE, Tmpfs, tmpfs
from tests.support import logs
from tests.support.processes import Pair
from tests.support.waiting import until

__all__ = ["pair"]

FULL = refusal(errno.ENOSPC)


@pytest.fixture
def disk(pair: Pair) -> Iterator[Tmpfs]:
    """Where the logs of `pair` go; a directory in it, so that the test's own files are not among them."""
    with tmpfs(pair.root / "disk") as disk:
        pair.audit = disk.path / "logs"
        yield disk


@pytest.fixture
def recording(disk: Tmpfs, pair: Pair) -> Recording:
    assert pair.audit.parent == disk.path
    return Recording(pair)


def fill_in_a_line(disk: Tmpfs, recording: Recording) -> None:
    """Let the disk be full in the middle of the next line; three events are durable before it."""
    recording.write(3)
    disk.fill()
    recording.log(1, PAGE)
    recording.log(29)
    log = recording.log_file
    # Only what fits into the file's last page is written; it is cut off and written again with each attempt.
    until(lambda: log.stat().st_size == PAGE, lambda: f"{log.stat().st_size} bytes to be {PAGE}")
    disk.check_full()


def is_torn(log: Path) -> bool:
    return not log.read_bytes().endswith(b"\n")


def test_a_disk_that_is_full_in_the_middle_of_a_line_is_waited_out(disk: Tmpfs, recording: Recording) -> None:
    fill_in_a_line(disk, recording)
    until(lambda: is_torn(recording.log_file), "a torn line in the log")
    recording.check_failing(FULL, recording.log_file)
    code, printed, _ = recording.pair.run("-m", "sidecar", "status")
    assert (code, FULL in printed[0]) == (0, True)
    disk.free()
    recording.check_recovered()
    recording.check_all_written_once()
    assert recording.pair.verify()[0] == 0


def test_a_disk_that_frees_up_page_by_page_takes_the_batch_when_it_fits(disk: Tmpfs, recording: Recording) -> None:
    recording.write(1)
    disk.fill()
    recording.log(1, 3 * PAGE)
    log = recording.log_file
    for pages in (1, 2, 3):
        until(lambda size=pages * PAGE: log.stat().st_size == size, f"{pages} pages in the log")  # type: ignore[misc]
        assert recording.producer.status()["durable"] == 1
        disk.give(1)
    recording.wait_durable()
    recording.check_all_written_once()


def test_more_than_memory_holds_on_a_full_disk_is_one_gap_that_is_counted(disk: Tmpfs, recording: Recording) -> None:
    fill_in_a_line(disk, recording)
    recording.log(9_000, 1_000)
    # What the outbox holds at most.
    dropped = recording.producer.wait_for_status("pending", 5000)["dropped"]
    recording.check_failing(FULL, recording.log_file)
    disk.free()
    status = recording.wait_durable()
    records = logs.read(recording.log_file)
    [(first, last, reason)] = logs.gaps(records)
    assert (reason, last - first + 1) == ("outbox full", status["lost"])
    assert 0 < status["lost"] <= dropped
    assert [event["n"] for event in logs.events(records)] == [*range(1, first), *range(last + 1, recording.last + 1)]


def test_a_sidecar_killed_in_a_torn_line_is_followed_by_one_that_cuts_it(disk: Tmpfs, recording: Recording) -> None:
    fill_in_a_line(disk, recording)
    until(lambda: is_torn(recording.log_file), "a torn line in the log")
    recording.sidecar.signal(signal.SIGSTOP)
    torn = len(recording.log_file.read_bytes().rpartition(b"\n")[2])
    recording.kill_sidecar()
    assert torn > 0
    # The disk is still full: the whole lines in it are taken up, nothing can be added.
    recording.start_sidecar()
    recording.sidecar.wait_for_line("Disk failing", err=True)
    disk.free()
    recording.wait_durable()
    records = recording.check_all_written_once()
    assert [record["repaired_bytes"] for record in records if "repaired_bytes" in record] == [torn]
    cut = f"Log {recording.log_file.name}: cut a torn last line of {torn} bytes"
    assert recording.sidecar.wait_for_line("torn", err=True) == cut


def test_a_sidecar_ended_on_a_full_disk_says_what_it_leaves_and_the_next_one_writes_it(
    disk: Tmpfs, recording: Recording
) -> None:
    fill_in_a_line(disk, recording)
    recording.check_failing(FULL, recording.log_file)
    recording.sidecar.signal(signal.SIGTERM)
    assert recording.sidecar.wait() == 1
    assert recording.sidecar.err[-1] == (f"30 events could not be written before the end: {recording.log_file}: {FULL}")
    disk.free()
    recording.start_sidecar()
    recording.wait_durable()
    recording.check_all_written_once()


def test_a_gui_that_ends_on_a_full_disk_is_closed_with_all_it_said(disk: Tmpfs, recording: Recording) -> None:
    fill_in_a_line(disk, recording)
    recording.check_failing(FULL, recording.log_file)
    recording.log(5)
    assert recording.producer.end() == 0
    [farewell] = recording.producer.err
    assert "before 35 events were confirmed to be on disk" in farewell
    disk.free()
    closing = recording.pair.wait_for_closing(recording.log_file)
    assert (closing["outcome"], closing["events"], closing["lost"], closing["known"]) == ("clean", 38, 0, 38)
    assert logs.messages(logs.read(recording.log_file)) == [f"event {number}" for number in range(1, 39)]


def test_a_log_that_cannot_be_begun_on_a_full_disk_is_begun_later(disk: Tmpfs, pair: Pair) -> None:
    pair.audit.mkdir()
    disk.fill()
    recording = Recording(pair)
    recording.log(3)
    recording.check_failing(FULL, recording.log_file)
    disk.check_full()
    # Killed here, it leaves a log without a line.
    recording.kill_sidecar()
    assert recording.log_file.stat().st_size == 0
    recording.start_sidecar()
    recording.check_failing(FULL, recording.log_file)
    disk.free()
    recording.wait_durable()
    recording.check_all_written_once()


def test_without_an_inode_for_the_next_part_the_log_waits_and_goes_on_in_it(
    disk: Tmpfs, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATATOOLS_AUDIT_PART_BYTES", str(PAGE))
    recording = Recording(pair)
    recording.write(1, 2 * PAGE)
    disk.take_inodes()
    recording.log(1)
    recording.check_failing(FULL, recording.part(2))
    assert not recording.part(2).exists()
    disk.give_inodes()
    recording.wait_durable()
    assert recording.parts == [recording.log_file, recording.part(2)]
    assert recording.told() == [EVENT] * 2


def test_without_an_inode_for_the_audit_directory_it_is_made_later(disk: Tmpfs, pair: Pair) -> None:
    disk.take_inodes()
    recording = Recording(pair)
    recording.log(3)
    recording.check_failing(FULL, pair.audit)
    assert not os.path.lexists(pair.audit)
    disk.give_inodes()
    recording.wait_durable()
    recording.check_all_written_once()


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux lets one set the limits of another process")
def test_a_limit_on_the_size_of_a_file_is_waited_out(pair: Pair) -> None:
    recording = Recording(pair)
    recording.write(3)
    limit = recording.log_file.stat().st_size + 100
    resource.prlimit(recording.sidecar.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    recording.log(3)
    recording.check_failing(refusal(errno.EFBIG), recording.log_file)
    until(lambda: recording.log_file.stat().st_size == limit, "a log as large as the limit")
    resource.prlimit(recording.sidecar.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    recording.wait_durable()
    recording.check_all_written_once()
