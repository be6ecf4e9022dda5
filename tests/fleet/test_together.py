"""A real sidecar forwards to a server that is configured as the page says, and the fleet's commands find it whole."""

import signal

from tests.fleet.collector import Server, lines_of
from tests.fleet.conftest import Command
from tests.support.processes import Pair
from tests.support.waiting import until


def test_what_a_machine_forwards_by_the_pages_configuration_is_whole_and_intact(
    pair: Pair, collector: Server, fleet: Command
) -> None:
    pair.settings |= {
        "DATATOOLS_AUDIT_FORWARD": collector.url("desk-1"),
        "DATATOOLS_AUDIT_FORWARD_HOST": "desk-1",
        "DATATOOLS_AUDIT_FORWARD_STREAM": "AUDIT",
    }
    runs = []
    for _ in range(2):
        # The second one asks the stream what it holds.
        sidecar = pair.ready_sidecar()
        producer = pair.producer()
        producer.ask("log", 1, 30)
        producer.wait_for_durable(30)
        runs.append(producer.run)
        producer.end()
        pair.wait_for_closing(producer.log)
        here = [line.body.decode() for run in runs for line in lines_of(pair.audit, run)]
        until(lambda here=here: sorted(fleet("query", "--json")[1]) == sorted(here), "all lines in the stream, once")  # type: ignore[misc]
        sidecar.signal(signal.SIGKILL)
        sidecar.wait()
    code, out, _ = fleet("verify")
    assert (code, out[-1]) == (0, "1 host, 1 intact")
