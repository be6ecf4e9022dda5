"""A run that speaks again after its log was compressed goes on in the next part, and no number is told twice."""

import subprocess
import sys
import tracemalloc

import pytest

from shared.naming import compressed_name
from sidecar import records
from sidecar.admission import Gap
from sidecar.compression import decompressed
from sidecar.disk import Disk
from sidecar.part_files import PartFiles
from sidecar.parts import find_logs
from sidecar.records import Owner
from sidecar.runlog import RunLog
from sidecar.verify import check_files
from sidecar.verify.report import Report
from tests.compress.logs import compress_by_hand
from tests.log.bench import NOW, RUN, Bench, body
from tests.log.reading import accounts, read_log


def written_in_parts(bench: Bench) -> int:
    """A log of several parts with gaps in it; returns its last number."""
    log = bench.log(part_bytes=1500)
    for seq in range(1, 40, 4):
        log.append([body(seq), records.gap(NOW, Gap(seq + 1, seq + 3), "outbox full")], seq + 3, 3)
    log.close()
    assert len(bench.parts) > 2
    return log.last


def verified(bench: Bench) -> Report:
    [log] = find_logs(bench.directory)
    return check_files(log)


def test_behind_a_compressed_log_a_run_goes_on_in_the_next_part(bench: Bench) -> None:
    last = written_in_parts(bench)
    parts = bench.parts
    before = b"".join(path.read_bytes() for path in parts)
    files = [compress_by_hand(path) for path in parts]
    log = bench.log()
    assert (log.last, log.lost, log.part) == (last, 30, len(parts) + 1)
    log.append([body(last + 1)], last + 1)
    assert b"".join(b"".join(decompressed([file.read_bytes()])) for file in files) == before
    report = verified(bench)
    assert (report.findings, report.last, report.lost) == ([], last + 1, 30)
    log.close()
    assert bench.log().last == last + 1


def test_a_part_in_both_forms_is_not_appended_to_or_they_would_differ(bench: Bench) -> None:
    before = bench.written(3)
    compress_by_hand(bench.path(), keep=True)
    log = bench.log()
    log.append([body(4)], 4)
    assert bench.path().read_bytes() == before
    assert (verified(bench).findings, log.last, log.part) == ([], 4, 2)


def test_what_is_inside_a_large_compressed_part_is_read_in_little_memory(bench: Bench) -> None:
    log = bench.log()
    for seq in range(1, 41):
        log.append([body(each, text="x" * 900) for each in range(seq * 500 - 499, seq * 500 + 1)], seq * 500)
    log.close()
    size = compress_by_hand(bench.path()).stat().st_size
    files = PartFiles(Disk(), bench.directory, RUN)
    tracemalloc.start()
    ending = files.ending(files.find())
    assert files.count_lost(ending) == 0
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (ending.last, ending.tail.head) == (20_000, log.head)
    assert ending.tail.size > 20 * 10**6 > 10 * size
    assert peak < ending.tail.size / 2


def test_a_log_whose_end_is_compressed_is_closed_though_an_earlier_part_lies_plain(bench: Bench) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        owner = Owner(process.pid, 1.0)
    log = RunLog(Disk(), bench.directory, RUN, owner, lambda: NOW, 1024)
    log.recover()
    for seq in range(1, 9):
        log.append([body(seq)], seq)
    log.append([records.closing(NOW, records.CLEAN, 8, 0, 8)], 8)
    log.close()
    for path in bench.parts[1:]:
        compress_by_hand(path)
    before = {path: path.read_bytes() for path in bench.parts}
    sidecar = bench.sidecar()
    sidecar.writer._unfinished.find()
    sidecar.writer._unfinished.finish_next({})
    assert {path: path.read_bytes() for path in bench.parts} == before
    assert sidecar.reports == []


@pytest.mark.parametrize("cut", [0, 1, 10, 100])
def test_a_compressed_part_that_was_cut_is_left_and_what_it_held_is_asked_for(bench: Bench, cut: int) -> None:
    bench.written(3)
    file = compress_by_hand(bench.path())
    file.write_bytes(file.read_bytes()[:-cut] if cut else b"")
    found = file.read_bytes()
    sidecar = bench.sidecar()
    ack = sidecar.serve(durable=3, last=5)
    assert (ack.durable, ack.part, ack.lost) == (5, 2, 3)
    assert file.read_bytes() == found
    assert accounts(read_log(bench.path(2))[1:])[-2:] == ["4", "5"]
    assert compressed_name(RUN).removesuffix(".zst") in ack.notice
