"""The log of a run on a real disk: begun, gone on with, in parts, and taken up again after a crash at any byte."""

import json
from hashlib import sha256
from pathlib import Path

import psutil
import pytest

from shared.naming import log_name
from shared.wire import MISSING, Alive, Skipped
from sidecar import records
from sidecar.admission import Gap
from tests.log.bench import NOW, RUN, Bench, body, event
from tests.log.disks import RecordingDisk
from tests.log.reading import ZEROS, accounts, lines_of, lost_in, of_sidecar, read_log


def test_a_log_begins_with_its_opening_line_and_goes_on_in_one_chain(bench: Bench) -> None:
    log = bench.log()
    lines = log.append([body(1), body(2)], 2)
    log.append([body(3)], 3)
    assert bench.told() == ["1", "2", "3"]
    first, *_ = bench.records()
    assert (first["run"], first["part"], first["lost"], first["last"], first["prev"]) == (RUN, 1, 0, 0, ZEROS)
    assert log.head == sha256(lines_of(bench.path())[-1]).hexdigest()
    assert lines == b"\n".join(lines_of(bench.path())[1:3]) + b"\n"
    assert (log.last, log.size) == (3, bench.path().stat().st_size)


def test_files_are_for_their_owner_alone(bench: Bench) -> None:
    bench.written(1)
    assert bench.path().stat().st_mode & 0o777 == 0o600
    assert bench.directory.stat().st_mode & 0o777 == 0o700


def test_a_log_is_taken_up_where_it_ended(bench: Bench) -> None:
    bench.written(3)
    log = bench.log()
    assert (log.last, log.lost) == (3, 0)
    log.append([body(4)], 4)
    assert bench.told() == ["1", "2", "3", "4"]
    assert of_sidecar(bench.records()) == ["Log opened"]


def test_taking_up_an_intact_log_changes_no_byte_of_it(bench: Bench) -> None:
    before = bench.written(3)
    bench.log()
    assert bench.path().read_bytes() == before


def test_a_log_of_many_blocks_is_taken_up(bench: Bench) -> None:
    log = bench.log()
    for seq in range(1, 40):
        log.append([body(seq, text="x" * 16_000)], seq)
    log.close()
    again = bench.log()
    assert (again.last, again.head) == (39, log.head)


def test_a_line_longer_than_a_block_is_found(bench: Bench) -> None:
    # 64 KiB of wire, each byte of which JSON may write as six.
    log = bench.log()
    log.append([body(1), body(2, text="\x01" * 60_000)], 2)
    log.close()
    assert bench.path().stat().st_size > 5 * 64 * 1024
    assert bench.log().last == 2


@pytest.mark.parametrize("outcome", [5, "clean", None, ["x"]])
def test_an_event_whose_extras_are_named_like_a_records_keys_is_no_damage(bench: Bench, outcome: object) -> None:
    extras: dict[str, object] = {"outcome": outcome, "lost_from": 1, "lost_to": 5, "run": 3, "repaired_bytes": "x"}
    bench.written(3, **extras)
    log = bench.log()
    log.append([body(4)], 4)
    assert (bench.parts, log.lost) == ([bench.path()], 0)
    assert bench.told() == ["1", "2", "3", "4"]


# Torn tails.


def test_the_last_line_cut_at_every_byte_is_repaired_and_the_chain_goes_on(bench: Bench) -> None:
    whole = bench.written(3)
    start = whole.rstrip(b"\n").rfind(b"\n") + 1
    for cut in range(start, len(whole)):
        bench.path().write_bytes(whole[:cut])
        log = bench.log()
        assert log.last == 2
        log.append([body(3), body(4)], 4)
        log.close()
        assert bench.parts == [bench.path()]
        assert bench.told() == ["1", "2", "3", "4"]
        repairs = [each["repaired_bytes"] for each in bench.records() if "repaired_bytes" in each]
        assert repairs == ([cut - start] if cut > start else [])
        assert bench.path().read_bytes().startswith(whole[:start])


def test_an_acknowledged_line_cut_at_any_byte_becomes_a_declared_gap(bench: Bench) -> None:
    whole = bench.written(3)
    start = whole.rstrip(b"\n").rfind(b"\n") + 1
    for cut in [*range(start, len(whole), 37), len(whole) - 1]:
        bench.path().write_bytes(whole[:cut])
        sidecar = bench.sidecar()
        ack = sidecar.greet(3)
        assert (ack.durable, ack.lost) == (2, 0)
        assert sidecar.hear(Alive(RUN, 3, urgent=False)).wanted == 3
        ack = sidecar.hear(Skipped(RUN, 3, 3, MISSING), event(4))
        assert (ack.durable, ack.lost, ack.wanted) == (4, 1, 0)
        sidecar.stop()
        assert bench.told() == ["1", "2", f"3-3 {MISSING}", "4"]
        again = bench.log()
        assert again.lost == 1
        again.close()


def test_a_first_line_cut_at_any_byte_is_begun_again(bench: Bench) -> None:
    bench.log().close()
    whole = bench.path().read_bytes()
    for cut in [*range(0, len(whole), 31), len(whole) - 1]:
        bench.path().write_bytes(whole[:cut])
        log = bench.log()
        log.append([body(1)], 1)
        log.close()
        assert bench.told() == ["1"]
        assert of_sidecar(bench.records())[0] == "Log opened"


def test_a_tail_torn_again_in_its_repair_is_repaired_again(bench: Bench) -> None:
    whole = bench.written(2)
    for _ in range(3):
        with bench.path().open("ab") as file:
            file.write(b'{"ts":"2026')
        bench.log().close()
    assert len(bench.path().read_bytes()) > len(whole)
    assert bench.told() == ["1", "2"]
    assert len(of_sidecar(bench.records())) == 4


def test_a_tail_of_zeros_without_a_newline_as_some_file_systems_leave_is_cut(bench: Bench) -> None:
    bench.written(2)
    with bench.path().open("ab") as file:
        file.write(bytes(5000))
    log = bench.log()
    log.append([body(3)], 3)
    assert bench.parts == [bench.path()]
    assert bench.told() == ["1", "2", "3"]


# Nothing is acknowledged before it is durable.


def test_after_an_intact_tail_file_and_directory_are_fsynced_before_anything_is_acknowledged(bench: Bench) -> None:
    bench.written(2)
    assert_fsynced_before_the_first_ack(bench)


def test_after_a_torn_tail_file_and_directory_are_fsynced_before_anything_is_acknowledged(bench: Bench) -> None:
    whole = bench.written(2)
    bench.path().write_bytes(whole[:-20])
    assert_fsynced_before_the_first_ack(bench)


def test_after_a_torn_first_line_file_and_directory_are_fsynced_before_anything_is_acknowledged(bench: Bench) -> None:
    whole = bench.written(0)
    bench.path().write_bytes(whole[:-20])
    assert_fsynced_before_the_first_ack(bench)


def test_after_a_corrupt_tail_file_and_directory_are_fsynced_before_anything_is_acknowledged(bench: Bench) -> None:
    whole = bench.written(2)
    bench.path().write_bytes(whole + b"garbage\n")
    assert_fsynced_before_the_first_ack(bench, part=2)


def test_a_new_log_and_its_directory_are_fsynced_before_anything_is_acknowledged(bench: Bench) -> None:
    assert_fsynced_before_the_first_ack(bench)


def assert_fsynced_before_the_first_ack(bench: Bench, part: int = 1) -> None:
    calls: list[tuple[str, str]] = []
    sidecar = bench.sidecar(RecordingDisk(calls))
    sidecar.greet(5)
    # The report is made by the last step of a batch: everything in `calls` came before it.
    assert len(sidecar.reports) == 1
    file, directory = ("fsync", log_name(RUN, part)), ("fsync directory", bench.directory.name)
    assert file in calls
    assert directory in calls
    writes = [index for index, (operation, _) in enumerate(calls) if operation in ("write", "truncate", "create")]
    assert max(writes, default=-1) < min(last_index(calls, file), last_index(calls, directory))
    before = len(calls)
    ack = sidecar.hear(event(sidecar.writer.runs[RUN].log.last + 1))
    assert ack.durable == sidecar.writer.runs[RUN].log.last
    assert calls[before:] == [("write", log_name(RUN, part)), ("fsync", log_name(RUN, part))]


def last_index(calls: list[tuple[str, str]], call: tuple[str, str]) -> int:
    return len(calls) - 1 - calls[::-1].index(call)


class KilledError(BaseException):
    """The process ends here."""


class KilledBeforeFsync(RecordingDisk):
    def fsync(self, fd: int, path: Path) -> None:
        if self.calls.count(("write", path.name)) > 1:
            raise KilledError
        super().fsync(fd, path)


def test_what_was_written_and_not_fsynced_is_fsynced_by_the_successor_before_it_acknowledges(bench: Bench) -> None:
    disk = KilledBeforeFsync([])
    killed = bench.sidecar(disk)
    killed.greet(2)
    with pytest.raises(KilledError):
        killed.hear(event(1), event(2))
    assert [report.ack.durable for report in killed.reports] == [0]
    disk.die()
    assert bench.told() == ["1", "2"]

    calls: list[tuple[str, str]] = []
    successor = bench.sidecar(RecordingDisk(calls))
    assert successor.greet(2).durable == 2
    assert calls[-2:] == [("fsync", bench.path().name), ("fsync directory", bench.directory.name)]
    assert successor.hear(event(1), event(2)).durable == 2
    assert bench.told() == ["1", "2"]


def test_a_file_created_and_never_fsynced_into_its_directory_is_by_the_successor(bench: Bench) -> None:
    class Killed(RecordingDisk):
        def fsync_directory(self, path: Path) -> None:
            if path == bench.directory:
                raise KilledError
            super().fsync_directory(path)

    disk = Killed([])
    with pytest.raises(KilledError):
        bench.sidecar(disk).greet(1)
    disk.die()
    assert_fsynced_before_the_first_ack(bench)


# Parts.


def test_a_log_goes_on_in_parts_and_stays_one_chain(bench: Bench) -> None:
    log = bench.log(part_bytes=2000)
    for seq in range(1, 31):
        log.append([body(seq)], seq)
    assert len(bench.parts) > 3
    assert bench.told() == [str(seq) for seq in range(1, 31)]
    assert [record["part"] for record in bench.records() if "part" in record] == list(range(1, len(bench.parts) + 1))
    for part, following in zip(bench.parts, bench.parts[1:], strict=False):
        assert 2000 <= part.stat().st_size < 2600
        assert read_log_first(following)["prev"] == sha256(lines_of(part)[-1]).hexdigest()
        assert "continues" not in read_log_first(following)


def read_log_first(part: Path) -> dict[str, object]:
    first: dict[str, object] = json.loads(lines_of(part)[0])
    return first


def test_a_log_in_parts_is_taken_up_after_each_append(bench: Bench) -> None:
    for seq in range(1, 21):
        log = bench.log(part_bytes=2000)
        assert log.last == seq - 1
        log.append([body(seq)], seq)
        log.close()
    assert bench.told() == [str(seq) for seq in range(1, 21)]


def test_lost_numbers_are_counted_over_parts_and_recoveries(bench: Bench) -> None:
    log = bench.log(part_bytes=1500)
    seq = 0
    for _ in range(12):
        log.append([body(seq + 1), records.gap(NOW, Gap(seq + 2, seq + 4), "outbox full")], seq + 4, 3)
        seq += 4
    assert len(bench.parts) > 3
    assert log.lost == lost_in(bench.records()) == 36
    openings = [record for record in bench.records() if "part" in record]
    for opening in openings:
        before = [
            record for record in bench.records() if record["last" if "last" in record else "seq"] <= opening["last"]
        ]
        assert opening["lost"] == lost_in(before)
    log.close()
    assert bench.log().lost == 36


def test_a_crash_after_a_part_was_created_and_before_its_first_line_costs_nothing(bench: Bench) -> None:
    log = bench.log(part_bytes=1500)
    for seq in range(1, 5):
        log.append([body(seq)], seq)
    log.append([records.gap(NOW, Gap(5, 7), "outbox full")], 7, 3)
    log.close()
    following = len(bench.parts) + 1
    for torn in (b"", b'{"ts":"2026', b"\0" * 100):
        bench.path(following).write_bytes(torn)
        again = bench.log(part_bytes=1500)
        assert (again.last, again.lost, again.part) == (7, 3, following)
        again.close()
        assert bench.told() == ["1", "2", "3", "4", "5-7 outbox full"]
        assert "continues" not in read_log_first(bench.path(following))
        bench.path(following).unlink()


def test_a_tail_torn_behind_a_full_part_is_repaired_before_the_next_part_begins(bench: Bench) -> None:
    # The crash came in a write that took the part over its size.
    log = bench.log(part_bytes=1500)
    log.append([body(seq) for seq in range(1, 8)], 7)
    log.close()
    assert bench.path().stat().st_size > 1500
    with bench.path().open("ab") as file:
        file.write(b'{"ts":"2026')
    again = bench.log(part_bytes=1500)
    again.append([body(8)], 8)
    again.close()
    assert accounts(read_log(*bench.parts)) == [str(seq) for seq in range(1, 9)]
    for part in bench.parts:
        lines_of(part)
    assert any("repaired_bytes" in record for record in bench.records())


# Two writers.


def test_a_second_writer_of_the_same_file_gets_an_error_and_does_no_damage(bench: Bench) -> None:
    log = bench.log()
    log.append([body(1)], 1)
    before = bench.path().read_bytes()
    second = bench.fresh()
    for _ in range(3):
        with pytest.raises(OSError, match="Another process writes this file"):
            second.recover()
    assert bench.path().read_bytes() == before
    log.append([body(2)], 2)
    log.close()
    second.recover()
    second.append([body(3)], 3)
    assert bench.told() == ["1", "2", "3"]


def test_no_descriptor_is_left_open(bench: Bench) -> None:
    before = open_files()
    for _ in range(3):
        log = bench.log(part_bytes=500)
        for seq in range(log.last + 1, log.last + 6):
            log.append([body(seq)], seq)
        log.close()
    assert open_files() == before


def open_files() -> int:
    return psutil.Process().num_fds()
