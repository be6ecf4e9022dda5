"""What a hostile producer makes the sidecar write stays within what one append may write."""

from pathlib import Path

from shared.wire import VERSION, Hello, Skipped, encode
from sidecar.log_tail import COMMIT_BYTES, LONGEST_LINE
from tests.log.bench import OWNER, RUN, Bench

GAPS = 5_000


def test_thousands_of_gaps_at_once_are_no_larger_an_append_than_the_reader_of_a_torn_end_reckons_with(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path / "logs")
    sidecar = bench.sidecar()
    frames = [encode(Skipped(RUN, number, number, "\x01" * 200)) for number in range(1, GAPS + 1)]
    sidecar.writer._unread.extend([encode(Hello(RUN, VERSION, OWNER.pid, OWNER.started, 0)), *frames])
    sidecar.writer._receive_all()
    sidecar.writer._commit()
    sidecar.stop()
    appended = [len(report.lines) for report in sidecar.reports]
    assert sum(appended) > 5 * COMMIT_BYTES
    assert max(appended) < COMMIT_BYTES + LONGEST_LINE
    assert sidecar.writer.lost == GAPS
