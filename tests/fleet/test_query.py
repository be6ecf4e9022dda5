"""`fleet query` takes what `query` takes, and machines; it prints them merged by time."""

import json

import pytest
from nats.js import JetStreamContext

from tests.fleet.collector import Sent, Server
from tests.fleet.conftest import Command, RealLogs
from tests.support.processes import Pair
from tests.verify.logs import RUN, events, opening, sealed


@pytest.fixture
def filled(collector: Server, real: RealLogs) -> Server:
    collector.publish("desk-1", real.closed)
    collector.publish("desk-2", real.other)
    return collector


@pytest.mark.usefixtures("filled")
def test_the_lines_of_all_machines_come_by_their_time(fleet: Command, real: RealLogs) -> None:
    code, out, err = fleet("query", "--json")
    assert (code, err) == (0, [])
    # A record of the sidecar may be older than the event behind it.
    keys: dict[bytes, tuple[str, int]] = {}
    for machine, lines in enumerate((real.closed, real.other)):
        latest = ""
        for line in lines:
            latest = max(latest, json.loads(line.body)["ts"])
            keys[line.body] = (latest, machine)
    assert [line.encode() for line in out] == sorted(keys, key=keys.__getitem__)


# Options, and of each line that is to come its machine and number.
FILTERS = {
    "--text|EVENT 40": [("desk-1", "40"), ("desk-2", "40")],
    "--host|desk-2|--text|event 40": [("desk-2", "40")],
    "--host|desk-2|--host|desk-1|--text|event 40": [("desk-1", "40"), ("desk-2", "40")],
    "--category|audit|--text|Run ended": [("desk-1", "-"), ("desk-2", "-")],
    "--host|desk-1|--limit|1": [("desk-1", "-")],
    "--since|1m|--until|2020-01-01": [],
    "--level|error": [],
    "--host|desk-7": [],
    "--session|none": [],
}


@pytest.mark.usefixtures("filled")
def test_each_filter_takes_what_it_names(fleet: Command) -> None:
    found = {}
    for options in FILTERS:
        code, out, err = fleet("query", *options.split("|"))
        assert (code, err) == (0 if out else 1, [])
        found[options] = sorted((row.split()[0], row.split()[2]) for row in out)
    assert found == FILTERS


@pytest.mark.usefixtures("filled")
def test_a_run_and_a_recent_time_are_asked_for_as_in_query(
    fleet: Command, real: RealLogs, pair: Pair, tmp_path_factory: pytest.TempPathFactory
) -> None:
    run, noted = real.closed[0].run, json.loads(real.closed[30].body)["ts"]
    directory = tmp_path_factory.mktemp("logs")
    for part in range(1, real.closed[-1].part + 1):
        name = f"datatools-{run}.jsonl" if part == 1 else f"datatools-{run}.{part}.jsonl"
        (directory / name).write_bytes(b"".join(line.body + b"\n" for line in real.closed if line.part == part))
    arguments = ["--run", run[-8:], "--since", noted]
    code, expected, _ = pair.run("-m", "sidecar", "query", str(directory), *arguments)
    assert code == 0
    assert fleet("query", *arguments) == (0, [f"{'desk-1':<12} {line}" for line in expected], [])


def test_lines_of_old_times_are_found_though_they_were_stored_today(collector: Server, fleet: Command) -> None:
    lines = [Sent(RUN, 1, number, body) for number, body in enumerate(sealed([opening(), *events(1, 3)]), 1)]
    collector.publish("desk-1", lines)
    assert len(fleet("query", "--since", "2026-11-23T15:30:02", "--until", "2026-11-23T15:30:02")[1]) == 1


def test_what_is_no_line_is_counted_and_named_to_be_verified(filled: Server, fleet: Command, real: RealLogs) -> None:
    async def junk(stream: JetStreamContext) -> None:
        await stream.publish(f"audit.desk-1.{real.closed[0].run}", b"\x1b[2Jnonsense")

    filled.do("desk-1", junk)
    code, out, err = fleet("query", "--text", "event 40")
    assert (code, len(out)) == (2, 2)
    assert err == ["1 message is no line of a log; run `python -m sidecar fleet verify`"]
