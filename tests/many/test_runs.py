"""A thousand runs in one directory."""

import pytest

from tests.kills.checking import closings
from tests.many.runs import EVENTS, write_logs
from tests.soak.growth import sample
from tests.support import logs
from tests.support.processes import Pair
from tests.support.waiting import until

pytestmark = pytest.mark.long

RUNS = 1000
# What a sidecar may hold of logs that it has closed.
MOST_MIB = 8.0


def test_a_thousand_logs_hold_up_no_start_and_each_that_is_open_is_closed_once(pair: Pair) -> None:
    paths = write_logs(pair.audit, RUNS)
    before = {path: path.read_bytes() for path in paths}
    sidecar = pair.ready_sidecar()
    ready = sample(sidecar.pid, 0)
    # It was ready before it had closed them.
    assert not all(is_closed(path.read_bytes()) for path in paths)
    gui = pair.producer()
    gui.ask("log", 1, 3)
    gui.wait_for_durable(3)
    until(lambda: all(is_closed(path.read_bytes()) for path in paths), "each log closed", 120)
    behind = sample(sidecar.pid, 0)
    assert behind.memory - ready.memory < MOST_MIB
    assert behind.threads == ready.threads
    sidecar.kill()
    sidecar.wait()
    after = {path: path.read_bytes() for path in paths}
    for number, path in enumerate(paths):
        assert after[path].startswith(before[path])
        assert (after[path] == before[path]) == bool(number % 2)
        assert len(closings(logs.read(path))) == 1
    # The next one finds nothing to do with them, and the commands still get through.
    pair.ready_sidecar()
    gui.ask("log", 4, 5)
    gui.wait_for_durable(5)
    assert pair.run("-m", "sidecar", "status")[0] == 0
    code, printed, _ = pair.verify()
    assert (code, printed[-1]) == (0, f"{RUNS + 1} logs, {RUNS + 1} intact, 0 damaged")
    code, printed, _ = pair.run("-m", "sidecar", "query", "--category", "nav", str(pair.audit))
    assert (code, len(printed)) == (0, RUNS * EVENTS)
    assert {path: path.read_bytes() for path in paths} == after


def is_closed(data: bytes) -> bool:
    return b'"outcome":' in data.rpartition(b"\n{")[2]
