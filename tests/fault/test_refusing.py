"""Does a disk that refuses lose an event, double one, or stay a secret? Each operation refused in turn, for real."""

import errno
import json
import signal
from pathlib import Path

import pytest

from tests.fault.mount import Mount, needs_fuse
from tests.fault.recording import Recording
from tests.fault.saying import refusal, said_of
from tests.fault.telling import EVENT
from tests.log.reading import lines_of
from tests.support.processes import Pair

pytestmark = needs_fuse

# Small enough that each batch of the tests that set it goes into a part of its own.
PART_BYTES = 1024


def backing(mount: Mount, path: Path) -> Path:
    """Where the test may look at `path` without being refused itself."""
    return mount.backing / path.relative_to(mount.path)


def check_waited_out(mount: Mount, recording: Recording, operation: str, code: int, file: Path) -> None:
    """It is refused and tried again, shown, and not acknowledged; then it works, and what waited is durable."""
    tried = len(mount.met("failed", operation))
    recording.check_shown(refusal(code), file)
    mount.wait_for("failed", operation, occurrence=tried + 1)
    assert recording.producer.status()["durable"] == recording.durable
    mount.mend()
    recording.wait_durable()


def test_what_the_disk_refuses_in_the_middle_is_written_when_it_works(mount: Mount, pair: Pair) -> None:
    recording = Recording(pair)
    for operation, code in [
        *(("write", code) for code in (errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EROFS)),
        *(("fsync", code) for code in (errno.EIO, errno.ENOSPC, errno.EDQUOT)),
        *(("getattr", code) for code in (errno.EIO, errno.ESTALE)),
    ]:
        recording.write(3)
        mount.fail(operation, code)
        recording.log(20)
        check_waited_out(mount, recording, operation, code, recording.log_file)
    recording.check_all_written_once()


def test_a_half_written_line_that_cannot_be_cut_yet_is_cut_when_it_can(mount: Mount, pair: Pair) -> None:
    recording = Recording(pair)
    # What is called after a write that failed: the file is closed, opened, read and cut again.
    for operation, code in [("truncate", errno.EIO), ("open", errno.EROFS), ("read", errno.ESTALE)]:
        recording.write(3)
        durable = backing(mount, recording.log_file).read_bytes()
        mount.fail(operation, code)
        # At most a hundred bytes of a line, and then no more.
        mount.short(100)
        mount.fail("write", code, after=1)
        recording.log(5)
        mount.wait_for("failed", operation)
        torn = backing(mount, recording.log_file).read_bytes().removeprefix(durable)
        assert 0 < len(torn) <= 100
        check_waited_out(mount, recording, operation, code, recording.log_file)
    recording.check_all_written_once()


@pytest.mark.long
def test_a_part_that_cannot_be_begun_yet_is_begun_when_it_can(
    mount: Mount, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATATOOLS_AUDIT_PART_BYTES", str(PART_BYTES))
    recording = Recording(pair)
    for operation, code in [
        *(("create", code) for code in (errno.ENOSPC, errno.EIO, errno.EROFS, errno.EACCES)),
        ("fsyncdir", errno.EIO),
    ]:
        recording.write(1, PART_BYTES)
        following = recording.part(len(recording.parts) + 1)
        mount.fail(operation, code)
        recording.log(1)
        check_waited_out(mount, recording, operation, code, pair.audit if operation == "fsyncdir" else following)
        assert recording.parts[-1] == following
    assert recording.told() == [EVENT] * recording.last
    assert not any("continues" in record for part in recording.parts for record in map(json.loads, lines_of(part)))


def check_given_in(mount: Mount, recording: Recording, operations: list[tuple[str, int, Path]]) -> None:
    """The disk refuses all `operations`, and gives in to one after the other; each is shown with its own file."""
    for operation, code, file in operations:
        recording.check_shown(refusal(code), file)
        mount.wait_for("failed", operation)
        mount.mend(operation)
    recording.wait_durable()
    assert len(said_of(recording.sidecar.err, "Disk failing:")) == 1


@pytest.mark.long
def test_a_log_that_cannot_be_begun_yet_is_begun_when_each_call_for_it_works(mount: Mount, pair: Pair) -> None:
    directory = [("getattr", errno.EIO), ("mkdir", errno.EROFS), ("fsyncdir", errno.ENOSPC), ("readdir", errno.ESTALE)]
    log = [("create", errno.EDQUOT), ("write", errno.ENOSPC), ("fsync", errno.EIO)]
    for operation, code in directory + log:
        mount.fail(operation, code)
    recording = Recording(pair)
    recording.log(5)
    files = {"fsyncdir": mount.path}
    check_given_in(mount, recording, [
        *((operation, code, files.get(operation, pair.audit)) for operation, code in directory),
        *((operation, code, recording.log_file) for operation, code in log),
    ])  # fmt: skip
    recording.check_all_written_once()


@pytest.mark.long
def test_a_log_that_cannot_be_taken_up_yet_is_taken_up_when_each_call_for_it_works(mount: Mount, pair: Pair) -> None:
    recording = Recording(pair)
    recording.write(3)
    recording.kill_sidecar()
    with backing(mount, recording.log_file).open("ab") as log:
        log.write(b'{"ts":"2026')
    operations = [
        ("getattr", errno.EIO, pair.audit),
        ("fsyncdir", errno.ENOSPC, mount.path),
        ("readdir", errno.ESTALE, pair.audit),
        ("open", errno.EACCES, recording.log_file),
        ("read", errno.EIO, recording.log_file),
        ("truncate", errno.ENOSPC, recording.log_file),
        ("fsync", errno.EDQUOT, recording.log_file),
    ]
    for operation, code, _ in operations:
        mount.fail(operation, code)
    recording.start_sidecar()
    recording.log(2)
    check_given_in(mount, recording, operations)
    records = recording.check_all_written_once()
    assert [record["repaired_bytes"] for record in records if "repaired_bytes" in record] == [11]


def test_each_operation_that_fails_just_once_is_made_again_without_a_word_too_many(mount: Mount, pair: Pair) -> None:
    recording = Recording(pair)
    recording.write(1)
    operations = ["write", "fsync", "getattr", "flush"]
    for operation in operations:
        mount.fail(operation, errno.EIO, times=1)
        if operation == "flush":
            # The file is closed when a write fails, and this failure is told by that.
            mount.fail("write", errno.EIO, times=1)
        recording.write(2)
        mount.wait_for("failed", operation)
        mount.mend()
    recording.check_all_written_once()
    sidecar = recording.sidecar
    begun = len(said_of(sidecar.err, "Disk failing:"))
    assert len(sidecar.err) == begun
    if begun:
        sidecar.wait_for_line("Disk recovered after")


@pytest.mark.long
def test_the_end_of_a_trouble_is_said_once_and_what_comes_later_is_another(mount: Mount, pair: Pair) -> None:
    recording = Recording(pair)
    for code in (errno.EIO, errno.ENOSPC):
        recording.write(1)
        mount.fail("fsync", code)
        recording.log(1)
        recording.check_failing(refusal(code), recording.log_file)
        mount.mend()
        recording.check_recovered()
    recording.check_all_written_once()
    assert pair.verify()[0] == 0


def test_a_disk_that_writes_a_few_bytes_at_a_time_gets_whole_lines(mount: Mount, pair: Pair) -> None:
    recording = Recording(pair)
    for size in (1, 7, 100):
        mount.short(size)
        recording.write(4)
        mount.wait_for("short", size, occurrence=4)
    assert recording.sidecar.err == []
    recording.check_all_written_once()


def test_a_sidecar_killed_while_the_disk_refuses_the_rest_of_a_line_is_followed_by_one_that_cuts_it(
    mount: Mount, pair: Pair
) -> None:
    recording = Recording(pair)
    recording.write(3)
    mount.short(100)
    mount.fail("write", errno.EIO, after=1)
    mount.fail("truncate", errno.EIO)
    recording.log(5)
    mount.wait_for("failed", "truncate")
    recording.kill_sidecar()
    mount.mend()
    recording.start_sidecar()
    recording.wait_durable()
    records = recording.check_all_written_once()
    assert [record["repaired_bytes"] for record in records if "repaired_bytes" in record] == [100]
    cut = f"Log {recording.log_file.name}: cut a torn last line of 100 bytes"
    assert recording.sidecar.wait_for_line("torn", err=True) == cut


def test_lines_that_were_written_and_never_fsynced_are_fsynced_before_they_are_acknowledged(
    mount: Mount, pair: Pair
) -> None:
    recording = Recording(pair)
    recording.write(3)
    mount.fail("fsync", errno.EIO)
    recording.log(5)
    mount.wait_for("failed", "fsync")
    recording.sidecar.signal(signal.SIGSTOP)
    recording.kill_sidecar()
    recording.start_sidecar()
    recording.check_failing(refusal(errno.EIO), recording.log_file)
    mount.mend()
    recording.wait_durable()
    recording.check_all_written_once()
