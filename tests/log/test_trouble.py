"""Disks that fail, files that somebody else touches: every number once, nothing half, evidence untouched."""

import errno
import json
import os
import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.wire import MISSING, VERSION, Alive, Hello, Skipped, encode
from sidecar import records
from sidecar.admission import Gap
from sidecar.runlog import RunLog
from tests.log.bench import NOW, OWNER, RUN, Bench, body, event
from tests.log.disks import FaultyDisk
from tests.log.reading import accounts, lines_of, lost_in, of_sidecar, read_log

# A disk that fails.


def append_until_it_works(log: RunLog, seq: int, *, at_most: int = 5) -> int:
    """Append event `seq` as the writer does. Returns how often it failed."""
    for failures in range(at_most):
        before = (log.head, log.last, log.lost)
        try:
            log.append([body(seq)], seq)
        except OSError:
            assert (log.head, log.last, log.lost) == before, "memory moved though nothing is durable"
        else:
            return failures
    raise AssertionError(f"event {seq} could not be written at all")


def recover_until_it_works(log: RunLog, *, at_most: int = 5) -> int:
    for failures in range(at_most):
        try:
            log.recover()
        except OSError:
            continue
        return failures
    raise AssertionError("the log could not be recovered at all")


def check_intact(bench: Bench, last: int) -> None:
    assert bench.told() == [str(seq) for seq in range(1, last + 1)]
    for part in bench.parts:
        lines_of(part)


def test_a_disk_that_fills_at_any_byte_of_a_line_leaves_nothing_half(bench: Bench) -> None:
    disk = FaultyDisk()
    log = bench.log(disk)
    size = len(body(1)) + 80
    for seq in range(1, size):
        disk.fill(seq)
        with pytest.raises(OSError, match="No space left"):
            log.append([body(seq)], seq)
        disk.fill(None)
        log.append([body(seq)], seq)
    assert disk.failures == size - 1
    assert bench.parts == [bench.path()]
    check_intact(bench, size - 1)


def test_a_disk_that_stays_full_for_a_while_and_frees_up_bit_by_bit(bench: Bench) -> None:
    disk = FaultyDisk()
    log = bench.log(disk)
    log.append([body(1)], 1)
    for room in (0, 10, 100, 250, 500):
        disk.fill(room)
        with pytest.raises(OSError, match="No space left"):
            log.append([body(2), body(3), body(4)], 4)
        assert log.last == 1
    disk.fill(None)
    log.append([body(2), body(3), body(4)], 4)
    check_intact(bench, 4)


def test_a_sidecar_killed_on_a_full_disk_is_followed_by_one_that_repairs(bench: Bench) -> None:
    for room in range(0, 700, 53):
        disk = FaultyDisk()
        log = bench.log(disk)
        disk.fill(room)
        with pytest.raises(OSError, match="No space left"):
            log.append([body(log.last + each) for each in range(1, 5)], log.last + 4)
        log.close()
    log = bench.log()
    last = log.last
    log.close()
    check_intact(bench, last)
    assert last > 5


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.ESTALE])
@pytest.mark.parametrize("operation", ["fsync", "stat", "mkdir"])
def test_an_append_that_fails_is_made_again(bench: Bench, operation: str, code: int) -> None:
    disk = FaultyDisk()
    log = bench.log(disk, part_bytes=600 if operation == "mkdir" else 10**6)
    for seq in range(1, 8):
        disk.fail(operation, code, times=2)
        append_until_it_works(log, seq)
    assert disk.failures > 4
    check_intact(bench, 7)


@pytest.mark.parametrize("operation", ["create", "fsync", "fsync directory", "mkdir"])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_the_change_to_a_new_part_that_fails_is_made_again(bench: Bench, operation: str, after: int) -> None:
    disk = FaultyDisk()
    log = bench.log(disk, part_bytes=900)
    for seq in range(1, 16):
        disk.fail(operation, errno.EIO, times=2, after=after)
        append_until_it_works(log, seq, at_most=8)
    assert disk.failures >= 2
    assert len(bench.parts) > 3
    check_intact(bench, 15)
    assert not any("continues" in record for record in bench.records())


def test_a_truncate_that_fails_keeps_the_half_line_out_until_it_works(bench: Bench) -> None:
    disk = FaultyDisk()
    log = bench.log(disk)
    log.append([body(1)], 1)
    disk.fill(30)
    with pytest.raises(OSError, match="No space left"):
        log.append([body(2)], 2)
    disk.fill(None)
    disk.fail("truncate", errno.EIO, times=3)
    assert append_until_it_works(log, 2) == 3
    check_intact(bench, 2)


def test_an_fsync_that_fails_is_not_trusted_again_but_written_anew(bench: Bench) -> None:
    # After a failed fsync Linux may mark the pages clean: asking again would succeed and prove nothing.
    disk = FaultyDisk()
    log = bench.log(disk)
    del disk.calls[:]
    disk.fail("fsync", errno.EIO)
    assert append_until_it_works(log, 1) == 1
    name = bench.path().name
    assert disk.calls == [("write", name), ("truncate", name), ("fsync", name), ("write", name), ("fsync", name)]
    check_intact(bench, 1)


@pytest.mark.parametrize(
    "operation", ["mkdir", "readdir", "create", "open", "read", "fsync", "fsync directory", "truncate"]
)
@pytest.mark.parametrize("after", [0, 1, 2])
@pytest.mark.parametrize("state", ["none", "intact", "torn", "corrupt", "empty part"])
def test_a_recovery_that_fails_is_made_again(bench: Bench, operation: str, after: int, state: str) -> None:
    last = 0 if state == "none" else 2
    if last:
        whole = bench.written(2)
        bench.path().write_bytes(whole + {"torn": b'{"ts', "corrupt": b"garbage\n"}.get(state, b""))
        if state == "empty part":
            bench.path(2).write_bytes(b"")
    disk = FaultyDisk()
    disk.fail(operation, errno.EIO, times=2, after=after)
    log = bench.fresh(disk)
    recover_until_it_works(log)
    assert (log.last, log.lost) == (last, 0)
    append_until_it_works(log, last + 1)
    assert bench.told() == [str(seq) for seq in range(1, last + 2)]


def test_a_directory_made_before_its_fsync_failed_is_fsynced_before_it_is_relied_on(bench: Bench) -> None:
    disk = FaultyDisk()
    disk.fail("fsync directory", errno.EIO)
    recover_until_it_works(bench.fresh(disk))
    assert disk.failures == 1
    assert ("fsync directory", bench.directory.parent.name) in disk.calls


def test_the_writer_holds_the_batch_until_the_disk_works_and_says_so_once(bench: Bench) -> None:
    disk = FaultyDisk()
    sidecar = bench.sidecar(disk)
    sidecar.greet(3)
    disk.fail("fsync", errno.ENOSPC, times=3)
    ack = sidecar.hear(event(1), event(2), event(3))
    assert disk.failures == 3
    assert (ack.durable, len(sidecar.reports)) == (3, 2)
    assert sidecar.writer.failure is None
    assert sidecar.writer.events == 3
    check_intact(bench, 3)


def test_the_writer_survives_a_file_where_the_directory_should_be(bench: Bench) -> None:
    bench.directory.write_text("not a directory")
    sidecar = bench.sidecar()
    sidecar.writer._receive(encode(Hello(RUN, VERSION, OWNER.pid, OWNER.started, 1)))
    failure = sidecar.writer.failure
    assert failure is not None
    assert failure.file == str(bench.directory)
    assert "a file stands where the directory should be" in failure.reason
    bench.directory.unlink()
    assert sidecar.serve(0, 1).durable == 1


# A file that somebody else touches while it is open.


def cut_a_line(path: Path) -> None:
    lines = path.read_bytes().split(b"\n")
    os.truncate(path, path.stat().st_size - len(lines[-2]) - 1)


def cut_into_a_line(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 20)


def cut_to_nothing(path: Path) -> None:
    os.truncate(path, 0)


def append_garbage(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"garbage\n")


def append_half_a_line(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b'{"ts":"2026')


def delete(path: Path) -> None:
    path.unlink()


def replace_by_a_copy(path: Path) -> None:
    copy = path.with_name("copy")
    shutil.copy(path, copy)
    copy.rename(path)


def replace_by_a_longer_stranger(path: Path) -> None:
    path.unlink()
    path.write_bytes(b"this is\nsomething else\n" * 1000)


def replace_by_a_link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def replace_by_a_dangling_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/nowhere/at/all")


def replace_by_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def replace_by_a_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


# What is done to the file, and how many of its five events are still in it.
TOUCHES = [
    (cut_a_line, 4),
    (cut_into_a_line, 4),
    (cut_to_nothing, 0),
    (append_garbage, 5),
    (append_half_a_line, 5),
    (delete, 0),
    (replace_by_a_copy, 5),
    (replace_by_a_longer_stranger, 0),
    (replace_by_a_link, 0),
    (replace_by_a_dangling_link, 0),
    (replace_by_a_pipe, 0),
    (replace_by_a_directory, 0),
]  # fmt: skip


def evidence(path: Path) -> tuple[object, ...]:
    """All that may not change of what stands at `path`."""
    if not os.path.lexists(path):
        return ("nothing",)
    found = path.lstat()
    content = path.read_bytes() if path.is_file() else b""
    return (found.st_ino, found.st_mode, found.st_size, content)


@pytest.mark.parametrize(("touch", "left"), TOUCHES, ids=lambda value: getattr(value, "__name__", None))
def test_a_file_that_is_not_as_it_was_left_is_gone_on_with_in_a_new_part(
    bench: Bench, touch: Callable[[Path], None], left: int
) -> None:
    sidecar = bench.sidecar()
    sidecar.greet(5)
    sidecar.hear(*(event(seq) for seq in range(1, 6)))
    touch(bench.path())
    found = evidence(bench.path())
    ack = sidecar.hear(event(6))
    assert (ack.durable, ack.part, ack.lost, ack.wanted) == (6, 2, 5 - left, 0)
    assert evidence(bench.path()) == found
    log = records_of(bench, 2)
    assert bench.path().name in str(log[0]["continues"])
    assert log[0]["level"] == "warning"
    expected = [*map(str, range(1, left + 1)), *([f"{left + 1}-5 {MISSING}"] if left < 5 else []), "6"]
    assert told_of(bench, left) == expected

    sidecar.hear(event(7))
    sidecar.stop()
    assert evidence(bench.path()) == found
    assert told_of(bench, left) == [*expected, "7"]
    again = bench.log()
    assert (again.last, again.lost, again.part, again.head) == (7, 5 - left, 2, sidecar.writer.runs[RUN].log.head)
    again.append([body(8)], 8)
    again.close()
    assert told_of(bench, left) == [*expected, "7", "8"]
    third = bench.log()
    assert (third.last, third.lost) == (8, 5 - left)
    assert evidence(bench.path()) == found


def records_of(bench: Bench, part: int) -> list[dict[str, object]]:
    return [json.loads(line) for line in lines_of(bench.path(part))]


def told_of(bench: Bench, left: int) -> list[str]:
    if left:
        return accounts(read_log(bench.path(1), bench.path(2)))
    # Nothing before part 2 can be read, and what it goes on from cannot be checked.
    return accounts(records_of(bench, 2)[1:])


@pytest.mark.parametrize(("touch", "left"), TOUCHES, ids=lambda value: getattr(value, "__name__", None))
def test_a_file_touched_while_no_sidecar_ran_is_taken_up_without_a_hole(
    bench: Bench, touch: Callable[[Path], None], left: int
) -> None:
    bench.written(5)
    touch(bench.path())
    found = evidence(bench.path())
    sidecar = bench.sidecar()
    ack = sidecar.serve(durable=5, last=7)
    assert (ack.durable, ack.lost) == (7, 5 - left)
    if bench.path(2).exists():
        assert evidence(bench.path()) == found
        assert told_of(bench, left)[-2:] == ["6", "7"]
    else:
        assert bench.told()[-2:] == ["6", "7"]
    sidecar.stop()
    again = bench.log()
    assert (again.last, again.lost) == (7, 5 - left)


@pytest.mark.parametrize(("touch", "left"), TOUCHES, ids=lambda value: getattr(value, "__name__", None))
def test_a_file_touched_while_the_disk_was_full_is_gone_on_with(
    bench: Bench, touch: Callable[[Path], None], left: int
) -> None:
    disk = FaultyDisk()
    log = bench.log(disk)
    log.append([body(seq) for seq in range(1, 6)], 5)
    disk.fill(0)
    with pytest.raises(OSError, match="No space left"):
        log.append([body(6)], 6)
    touch(bench.path())
    disk.fill(None)
    append_until_it_works(log, 6)
    assert log.last == 6
    if log.part == 2:
        assert told_of(bench, left)[-1] == "6"
        assert log.lost == 5 - left
    else:
        assert bench.told() == ["1", "2", "3", "4", "5", "6"]


def test_gaps_that_went_with_a_deleted_file_are_not_counted_twice(bench: Bench) -> None:
    log = bench.log()
    log.append([records.gap(NOW, Gap(1, 3), "outbox full"), body(4)], 4, 3)
    delete(bench.path())
    log.append([body(5)], 5)
    assert accounts(records_of(bench, 2)[1:]) == [f"1-4 {MISSING}", "5"]
    assert log.lost == lost_in(records_of(bench, 2)) == 4
    log.close()
    assert bench.log().lost == 4


def test_a_whole_directory_that_is_deleted_is_made_again(bench: Bench) -> None:
    log = bench.log()
    log.append([body(1), body(2)], 2)
    shutil.rmtree(bench.directory)
    append_until_it_works(log, 3)
    [part] = bench.parts
    assert [json.loads(line).get("reason") for line in lines_of(part)] == [None, MISSING, None]
    assert log.last == 3


def test_a_part_taken_away_before_it_could_declare_what_is_missing_leaves_that_to_the_next(bench: Bench) -> None:
    disk = FaultyDisk()
    log = bench.log(disk)
    for seq in range(1, 11):
        log.append([body(seq)], seq)
    bench.path().unlink()
    disk.fail("fsync", errno.ENOSPC)
    with pytest.raises(OSError, match="No space"):
        log.append([body(11)], 11)
    bench.path(2).unlink()
    append_until_it_works(log, 11)
    [part] = bench.parts
    _, gap, _ = [json.loads(line) for line in lines_of(part)]
    assert (gap["lost_from"], gap["lost_to"], gap["reason"]) == (1, 10, MISSING)
    assert (log.last, log.lost) == (11, 10)


def test_a_line_forged_behind_the_last_one_is_not_taken_for_the_logs_own(bench: Bench) -> None:
    log = bench.log()
    log.append([body(1), body(2)], 2)
    own_head = log.head
    forged = body(3, forged=True) + b',"prev":"%b"}\n' % own_head.encode()
    with bench.path().open("ab") as file:
        file.write(forged)
    log.append([body(3)], 3)
    assert bench.path().read_bytes().endswith(forged)
    opening = records_of(bench, 2)[0]
    assert (opening["prev"], opening["last"]) == (own_head, 2)
    assert bench.told() == ["1", "2", "3"]


def test_a_file_in_the_place_of_the_next_part_is_left_alone(bench: Bench) -> None:
    log = bench.log(part_bytes=600)
    log.append([body(1), body(2)], 2)
    bench.path(2).write_text("mine")
    log.append([body(3)], 3)
    assert bench.path(2).read_text() == "mine"
    assert accounts(read_log(bench.path(1), bench.path(3))) == ["1", "2", "3"]
    assert "continues" in records_of(bench, 3)[0]
    log.close()
    assert bench.log().last == 3


def test_a_file_that_was_touched_twice_is_told_twice(bench: Bench) -> None:
    log = bench.log()
    log.append([body(1), body(2)], 2)
    cut_a_line(bench.path())
    log.append([body(3), body(4)], 4)
    cut_a_line(bench.path(2))
    log.append([body(5)], 5)
    assert log.lost == 2
    assert bench.told() == ["1", f"2-2 {MISSING}", "3", f"4-4 {MISSING}", "5"]
    log.close()
    assert bench.log().lost == 2


# Corruption.


def garble(line: bytes) -> bytes:
    return line[: len(line) // 2] + b"\0" * (len(line) - len(line) // 2)


@pytest.mark.parametrize(
    "behind",
    [b"garbage\n", bytes(4096) + b"\n", b"\n\n\n", b"\xff\xfe\n", b"{}\n", b'{"ts":1}\n', b"x" * 600_000],
    ids=["text", "zeros", "empty lines", "no UTF-8", "an object", "another object", "an endless line"],
)
def test_what_is_no_line_behind_the_last_good_one_is_left_untouched(bench: Bench, behind: bytes) -> None:
    whole = bench.written(3)
    bench.path().write_bytes(whole + behind)
    found = evidence(bench.path())
    ack = bench.sidecar().serve(durable=3, last=5)
    assert (ack.durable, ack.part, ack.lost) == (5, 2, 0)
    assert evidence(bench.path()) == found
    assert accounts(read_log(bench.path(1), bench.path(2))) == ["1", "2", "3", "4", "5"]
    assert bench.path().name in str(records_of(bench, 2)[0]["continues"])


@pytest.mark.parametrize("lines", [1, 2])
def test_a_half_overwritten_end_is_left_untouched_and_what_stood_there_is_a_gap(bench: Bench, lines: int) -> None:
    whole = bench.written(5)
    split = whole.rstrip(b"\n").split(b"\n")
    split[-lines:] = map(garble, split[-lines:])
    bench.path().write_bytes(b"\n".join(split) + b"\n")
    found = evidence(bench.path())
    ack = bench.sidecar().serve(durable=5, last=6)
    assert (ack.durable, ack.part, ack.lost) == (6, 2, lines)
    assert evidence(bench.path()) == found
    kept = [str(seq) for seq in range(1, 6 - lines)]
    assert bench.told() == [*kept, f"{6 - lines}-5 {MISSING}", "6"]


def test_gaps_behind_the_last_good_line_are_not_counted_twice(bench: Bench) -> None:
    log = bench.log()
    log.append([body(1), body(2), records.gap(NOW, Gap(3, 5), "outbox full")], 5, 3)
    log.close()
    # Event 2 is edited: the gap behind it is no longer chained.
    bench.path().write_bytes(bench.path().read_bytes().replace(b'"rows":2', b'"rows":9'))
    ack = bench.sidecar().serve(durable=5, last=6)
    assert (ack.durable, ack.part) == (6, 2)
    assert ack.lost == lost_in(records_of(bench, 2)) == 3


def test_a_file_without_any_line_of_ours_is_left_untouched(bench: Bench) -> None:
    bench.directory.mkdir()
    bench.path().write_bytes(b"somebody's notes\nand more\n")
    found = evidence(bench.path())
    log = bench.log()
    log.append([body(1)], 1)
    assert evidence(bench.path()) == found
    assert accounts(records_of(bench, 2)) == ["1"]


def test_a_large_file_without_any_newline_is_left_untouched(bench: Bench) -> None:
    bench.directory.mkdir()
    bench.path().write_bytes(b"x" * 3_000_000)
    found = evidence(bench.path())
    log = bench.log()
    log.append([body(1)], 1)
    assert evidence(bench.path()) == found


def test_far_more_than_a_window_of_garbage_behind_the_last_good_line_is_left_in_little_memory(bench: Bench) -> None:
    whole = bench.written(3)
    with bench.path().open("wb") as file:
        file.write(whole)
        for _ in range(40):
            file.write(b"x" * 500_000 + b"\n" + b"y" * 500_000)
    size = bench.path().stat().st_size
    tracemalloc.start()
    ack = bench.sidecar().serve(durable=3, last=5)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (ack.durable, ack.part, ack.lost) == (5, 2, 0)
    assert f"{size - len(whole)} bytes behind its last good line cannot be read" in ack.notice
    assert (bench.path().stat().st_size, bench.told()) == (size, ["1", "2", "3", "4", "5"])
    assert peak < 20 * 10**6


def test_corruption_in_a_part_before_an_empty_one_is_told(bench: Bench) -> None:
    whole = bench.written(2)
    bench.path().write_bytes(whole + b"garbage\n")
    bench.path(2).write_bytes(b"")
    found = evidence(bench.path())
    ack = bench.sidecar().serve(durable=2, last=3)
    assert (ack.durable, ack.lost) == (3, 0)
    assert evidence(bench.path()) == found
    assert bench.told() == ["1", "2", "3"]
    assert "continues" in records_of(bench, 2)[0]


def test_the_missing_end_of_a_run_that_stays_silent_is_declared_after_its_next_sign_of_life(bench: Bench) -> None:
    bench.written(3)
    cut_a_line(bench.path())
    sidecar = bench.sidecar()
    assert sidecar.greet(3).wanted == 0
    assert sidecar.hear(Alive(RUN, 3, urgent=False)).wanted == 3
    assert sidecar.hear(Skipped(RUN, 3, 3, MISSING)).durable == 3
    assert of_sidecar(bench.records())[-1] == f"1 event lost: {MISSING}"
