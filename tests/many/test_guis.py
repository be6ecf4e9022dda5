"""Fifty GUI processes at once on one sidecar."""

from typing import IO, cast

import pytest

from tests.soak.growth import sample
from tests.support import logs
from tests.support.processes import Pair
from tests.support.waiting import until

pytestmark = pytest.mark.long

GUIS, EVENTS = 50, 40
# Sockets of a GUI, and its log.
DESCRIPTORS_EACH = 4


def test_fifty_guis_at_once_are_recorded_each_in_its_log_and_leave_no_thread_or_descriptor_behind(pair: Pair) -> None:
    sidecar = pair.ready_sidecar()
    alone = sample(sidecar.pid, 0)
    guis = pair.python("-m", "tests.many.guis", str(GUIS), str(EVENTS))
    until(lambda: len(guis.out) == GUIS or guis.err, lambda: f"{GUIS} runs; {len(guis.out)} said theirs; {guis.err}")
    crowded = sample(sidecar.pid, 0)
    assert crowded.threads == alone.threads
    assert GUIS < crowded.descriptors - alone.descriptors <= DESCRIPTORS_EACH * GUIS
    code, printed, _ = pair.run("-m", "sidecar", "status")
    assert code == 0
    assert sum(line.startswith("  run ") for line in printed) == GUIS
    cast("IO[bytes]", guis.popen.stdin).close()
    assert (guis.wait(), guis.err) == (0, [])
    for run in guis.out:
        log = pair.audit / f"datatools-{run}.jsonl"
        assert pair.wait_for_closing(log)["outcome"] == "clean"
        records = logs.read(log)
        assert logs.gaps(records) == []
        assert logs.messages(records) == [*(f"event {n}" for n in range(1, EVENTS + 1)), "Session ending"]
    assert len(pair.log_files()) == GUIS
    until(
        lambda: sample(sidecar.pid, 0).descriptors <= alone.descriptors,
        lambda: f"{alone} before, {sample(sidecar.pid, 0)} behind",
    )
    assert sample(sidecar.pid, 0).threads == alone.threads
