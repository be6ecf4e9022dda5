"""A compressed part takes the place of the plain one, and nothing is lost on the way."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from shared.naming import TEMPORARY, compressed_name, log_name
from sidecar.compress import DamagedError
from sidecar.compress.replace import UnsafeError, replace
from sidecar.disk import Disk
from tests.compress.logs import closed, compress, compress_by_hand, content, in_parts, names
from tests.log.disks import FaultyDisk, RecordingDisk
from tests.support.waiting import ROOT
from tests.verify.logs import RUN

PLAIN, PACKED = log_name(RUN), compressed_name(RUN)
UNFINISHED = PACKED + TEMPORARY


def test_the_file_has_the_same_bytes_times_and_owner_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = closed(tmp_path)
    path.chmod(0o644)
    os.utime(path, ns=(1_700_000_000_000_000_000, 1_700_000_001_000_000_001))
    if os.geteuid() == 0:
        os.chown(path, 1234, 1235)
    before, data = path.stat(), path.read_bytes()
    compress(tmp_path)
    assert names(tmp_path) == [PACKED]
    assert content(tmp_path) == {1: data}
    after = (tmp_path / PACKED).stat()
    assert (after.st_mtime_ns, after.st_uid, after.st_gid) == (before.st_mtime_ns, before.st_uid, before.st_gid)
    assert stat.S_IMODE(after.st_mode) == 0o600
    assert after.st_size < before.st_size / 3


def test_all_parts_are_compressed_each_into_its_own_file(tmp_path: Path) -> None:
    in_parts(tmp_path)
    before = content(tmp_path)
    compress(tmp_path)
    assert names(tmp_path) == sorted(compressed_name(RUN, part) for part in (1, 2, 3))
    assert content(tmp_path) == before


def test_what_replaces_is_durable_before_what_is_replaced_goes(tmp_path: Path) -> None:
    closed(tmp_path)
    calls: list[tuple[str, str]] = []

    class Removing(RecordingDisk):
        def remove(self, path: Path) -> None:
            assert path.exists() or path.name == UNFINISHED
            # What has its name by now is whole.
            calls.append(("remove", f"{path.name} of {names(tmp_path)}"))
            super().remove(path)

    compress(tmp_path, Removing(calls))
    kept = [call for call in calls if call[0] != "write"]
    assert kept == [
        ("remove", f"{UNFINISHED} of {[PLAIN]}"),
        ("create", UNFINISHED),
        ("fsync", UNFINISHED),
        ("fsync directory", tmp_path.name),
        ("remove", f"{PLAIN} of {[PLAIN, PACKED]}"),
        ("fsync directory", tmp_path.name),
    ]


def test_killed_before_any_call_nothing_is_lost_and_the_next_one_finishes(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "killed"
    source.mkdir()
    target.mkdir()
    in_parts(source, last=2)
    whole = content(source)
    command = [sys.executable, "-m", "tests.compress.killing", str(source), str(target)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    killed_before = done.stdout.split()
    directories = sorted(target.iterdir(), key=lambda path: int(path.name))
    assert len(directories) == len(killed_before) + 1
    # For each part before, while its file is written, and with both forms there; and after the last.
    assert len({tuple(names(directory)) for directory in directories}) == 7
    assert {"write", "fsync", "unlink"} <= set(killed_before)
    for directory in directories:
        assert content(directory) == whole
        compress(directory)
        assert names(directory) == sorted(compressed_name(RUN, part) for part in (1, 2))
        assert content(directory) == whole


def test_a_temporary_file_left_behind_is_replaced(tmp_path: Path) -> None:
    closed(tmp_path)
    whole = content(tmp_path)
    (tmp_path / UNFINISHED).write_bytes(b"half a file")
    compress(tmp_path)
    assert (names(tmp_path), content(tmp_path)) == ([PACKED], whole)


def test_a_part_in_both_forms_loses_the_plain_one(tmp_path: Path) -> None:
    path = closed(tmp_path)
    whole, packed = content(tmp_path), compress_by_hand(path, keep=True).read_bytes()
    compress(tmp_path)
    assert (names(tmp_path), content(tmp_path)) == ([PACKED], whole)
    assert (tmp_path / PACKED).read_bytes() == packed


def test_a_file_of_that_name_that_holds_something_else_stays_and_so_does_the_part(tmp_path: Path) -> None:
    path = closed(tmp_path)
    for other in (b"", b"not compressed", compress_by_hand(closed(tmp_path, last=29), keep=True).read_bytes()):
        closed(tmp_path)
        (tmp_path / PACKED).write_bytes(other)
        with pytest.raises(DamagedError):
            compress(tmp_path)
        fd = Disk().open(path)
        with pytest.raises(UnsafeError, match="holds something else"):
            replace(Disk(), fd, path)
        os.close(fd)
        assert names(tmp_path) == [PLAIN, PACKED]
        assert (tmp_path / PACKED).read_bytes() == other


@pytest.mark.parametrize("operation", ["create", "write", "fsync", "fsync directory", "read", "open"])
def test_when_the_disk_refuses_the_part_stays_and_no_temporary_file_does(tmp_path: Path, operation: str) -> None:
    closed(tmp_path)
    whole = content(tmp_path)
    disk = FaultyDisk()
    if operation == "write":
        disk.fill(100)
    else:
        disk.fail(operation, errno.EIO)
    with pytest.raises(OSError, match="No space left on device" if operation == "write" else "Input/output error"):
        compress(tmp_path, disk)
    assert disk.failures == 1
    assert UNFINISHED not in names(tmp_path)
    assert PLAIN in names(tmp_path)
    assert content(tmp_path) == whole
    compress(tmp_path)
    assert (names(tmp_path), content(tmp_path)) == ([PACKED], whole)


def test_a_part_that_changes_meanwhile_stays(tmp_path: Path) -> None:
    path = closed(tmp_path)

    class Meddling(Disk):
        def create(self, wanted: Path) -> int:
            with path.open("ab") as file:
                file.write(b"by a stranger\n")
            return super().create(wanted)

    with pytest.raises(UnsafeError, match="changed meanwhile"):
        compress(tmp_path, Meddling())
    assert names(tmp_path) == [PLAIN]
    assert path.read_bytes().endswith(b"by a stranger\n")


def test_what_reads_back_otherwise_is_not_trusted(tmp_path: Path) -> None:
    closed(tmp_path)
    whole = content(tmp_path)

    class Rotting(Disk):
        def write(self, fd: int, data: bytes, path: Path) -> None:
            super().write(fd, data[:-1] + bytes(data[-1:] != b"\0"), path)

    with pytest.raises(UnsafeError, match="read back"):
        compress(tmp_path, Rotting())
    assert (names(tmp_path), content(tmp_path)) == ([PLAIN], whole)


def test_no_file_stays_open(tmp_path: Path) -> None:
    closed(tmp_path)
    disk = RecordingDisk([])
    compress(tmp_path, disk)
    assert disk._held == set()
