"""`fleet verify` over a real server and real logs."""

from tests.fleet.collector import Server
from tests.fleet.conftest import Command, RealLogs


def test_smoke(collector: Server, fleet: Command, real: RealLogs) -> None:
    collector.publish("desk-1", real.closed + real.open)
    collector.publish("desk-2", real.other)
    print(*(line.body for line in real.open[-4:]), sep="\n")
    for arguments in (
        ["verify", "--expect", "desk-3"],
        ["verify", "--json", "--host", "desk-2"],
        ["query", "--text", "event 40"],
        ["query", "--limit", "3", "--host", "desk-1"],
    ):
        code, out, err = fleet(*arguments)
        print(code, *out, *err, sep="\n")
    assert 0
