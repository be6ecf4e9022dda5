"""However much is logged while the disk hangs, both processes stay within what they say they hold."""

from pathlib import Path

import psutil
import pytest

from tests.fault.mount import Mount, needs_fuse
from tests.fault.parts import read_run
from tests.support import logs
from tests.support.processes import Pair

MIB = 1024 * 1024
EVENTS = 60_000
# 2 MiB in flight at most, as frames, decoded and as lines; small events take tenfold as objects.
SIDECAR_MIB = 24

pytestmark = needs_fuse


def gui_mib(outbox: int) -> int:
    """`outbox`, and as much again that an allocator leaves between its events; 2 MiB in flight, in ZeroMQ's buffers and in
    the kernel's; what logging itself takes; and what is logged while the thread that numbers it waits for a processor.
    """
    return 2 * outbox + 2 * 2 + 4 + 12


def most_mib(pid: int) -> float:
    """The most memory that the process has held, by the kernel's account."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (kib,) = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(kib) / 1024


# 5000 events of 1 KiB and its envelope, and the 16 MiB that fewer of the larger ones fill.
@pytest.mark.parametrize(("size", "outbox"), [(1024, 6), pytest.param(12 * 1024, 16, marks=pytest.mark.long)])
def test_60_000_events_while_the_disk_hangs_cost_no_more_memory_than_the_outbox_and_are_one_gap(
    mount: Mount, pair: Pair, size: int, outbox: int
) -> None:
    sidecar, producer = pair.ready_sidecar(), pair.producer()
    producer.ask("log", 1, 10)
    producer.wait_for_durable(10)
    before = {each.pid: psutil.Process(each.pid).memory_info().rss / MIB for each in (sidecar, producer)}
    mount.hang("write")
    producer.ask("log", 11, 11)
    mount.wait_for("hung", "write")
    last = 11 + EVENTS
    producer.ask("log", 12, last, size)
    status = producer.wait_for_state("stalled")
    assert (status["durable"], status["lost"]) == (10, 0)
    assert status["pending"] + status["dropped"] == last - 10
    mount.release()
    lost = producer.wait_for_durable(last)["lost"]
    assert most_mib(producer.pid) - before[producer.pid] < gui_mib(outbox)
    assert most_mib(sidecar.pid) - before[sidecar.pid] < SIDECAR_MIB
    records = read_run(mount.backing / "logs", producer.run)
    ((first_lost, last_lost, reason),) = logs.gaps(records)
    assert (reason, last_lost - first_lost + 1) == ("outbox full", lost)
    assert [event["n"] for event in logs.events(records)] == [*range(1, first_lost), *range(last_lost + 1, last + 1)]
