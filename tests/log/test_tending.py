"""What the writer does beside writing events is done although they come without a pause."""

import os
import subprocess
import sys
import threading
import time

from shared.wire import VERSION, Hello, encode
from sidecar import records
from sidecar.backlog import Backlog
from sidecar.disk import Disk
from sidecar.limits import Limits
from sidecar.records import Owner
from sidecar.retention import DAY_S
from sidecar.run import Written
from sidecar.runlog import RunLog
from sidecar.writer import Writer
from tests.log.bench import NOW, OWNER, RUN, Bench, event
from tests.log.reading import accounts, of_sidecar
from tests.support.waiting import until

OLD, GONE = "20261101T000001Z-00000001", "20261101T000002Z-00000002"


def test_while_events_pour_in_runs_are_attested_and_closed_and_old_logs_deleted(bench: Bench) -> None:
    # One that is taken up is attested at once.
    bench.written(3)
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        dead = Owner(process.pid, 1.0)
    old = RunLog(Disk(), bench.directory, OLD, dead, lambda: NOW)
    old.recover()
    old.append([records.closing(NOW, records.CLEAN, 0, 0, 0)], 0)
    old.close()
    os.utime(old.path, (time.time() - 40 * DAY_S,) * 2)
    backlog, reports, complaints = Backlog(), list[Written](), list[str]()
    writer = Writer(
        backlog, Disk(), bench.directory, "0badcafe", reports.append, complaints.append, Limits(keep_days=30),
        attest_minutes=60,
    )  # fmt: skip
    thread = threading.Thread(target=writer.run, daemon=True)
    thread.start()
    backlog.put([encode(Hello(RUN, VERSION, *OWNER, 3)), encode(Hello(GONE, VERSION, *dead, 0))])
    poured = 3

    def pour_until_all_is_done() -> bool:
        nonlocal poured
        poured += 1
        backlog.put([encode(event(poured))])
        # As the main thread does that finds the socket empty between two of them.
        backlog.drained_at = time.monotonic()
        return not old.path.exists() and any(each.closed and each.ack.run == GONE for each in reports.copy())

    until(pour_until_all_is_done, lambda: f"all of it done behind {poured} events: {complaints}", 20)
    backlog.end()
    thread.join(20)
    assert not thread.is_alive()
    found = bench.records_of(RUN)
    opened, attested, deleted = of_sidecar(found)
    assert (opened, deleted) == ("Log opened", f"Deleted the closed log of run {OLD}: older than 30 days")
    assert attested.startswith("Attested: alive")
    assert accounts(found) == [str(seq) for seq in range(1, poured + 1)]
    assert bench.records_of(GONE)[-1]["outcome"] == records.VANISHED
