"""`fleet verify` over a real server and real logs: what it prints and how it exits."""

import json
import signal
from pathlib import Path

import pytest
from nats.js import JetStreamContext
from nats.js.api import StreamConfig

from shared.chain import head_of, sidecar_body
from sidecar.fleet import stream
from tests.fleet.collector import Sent, Server, lines_of
from tests.fleet.conftest import Command, RealLogs
from tests.support import logs
from tests.support.processes import Pair
from tests.support.waiting import until
from tests.verify.logs import RUN, events, opening, sealed


def sent(bodies: list[bytes], run: str = RUN) -> list[Sent]:
    return [Sent(run, 1, number, body) for number, body in enumerate(bodies, 1)]


def silent_run() -> list[Sent]:
    """A run that said it would say so again at once, and did not."""
    extra: dict[str, object] = {"attested_events": 3, "attested_lost": 0, "attested_minutes": 0}
    return sent(sealed([opening(), *events(1, 3), sidecar_body(0, "info", "Attested: alive, 3 events", extra, 3)]))


def test_intact_machines_get_a_line_each_and_exit_0(
    collector: Server, fleet: Command, real: RealLogs, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So that there are many batches.
    monkeypatch.setattr(stream, "BATCH", 7)
    collector.publish("desk-1", [*real.closed, *real.open])
    collector.publish("desk-2", real.other)
    code, out, err = fleet("verify")
    assert (code, err) == (0, [])
    table = [line.split() for line in out if line.startswith("desk-") and not line.endswith(":")]
    assert [row[:6] for row in table] == [
        ["desk-1", "alive", "2", "1", "90", "0"],
        ["desk-2", "closed", "1", "0", "45", "0"],
    ]
    assert out[-1] == "2 hosts, 2 intact"
    head = head_of(real.open[-1].body)
    assert any(
        f"{real.open[0].run}: intact, open, not yet attested, 45 events, 0 lost, head {head}" in line for line in out
    )


def test_json_says_the_same(collector: Server, fleet: Command, real: RealLogs) -> None:
    collector.publish("desk-1", real.closed)
    collector.publish("desk-2", real.other)
    code, out, _ = fleet("verify", "--json", "--host", "desk-2", "--expect", "desk-2", "--expect", "desk-9")
    found = json.loads("\n".join(out))
    assert (code, found["fine"], found["stream"]["deleted"]) == (0, True, 0)
    [host] = found["hosts"]
    [run] = host["runs"]
    assert (host["host"], host["state"], run["events"], run["lost"], run["parts"]) == (
        "desk-2",
        "closed",
        45,
        0,
        real.other[-1].part,
    )
    assert (run["run"], run["messages"], run["damages"]) == (real.other[0].run, len(real.other), [])


def test_who_is_missing_and_who_fell_silent_is_listed(
    collector: Server, fleet: Command, real: RealLogs, tmp_path: Path
) -> None:
    collector.publish("desk-1", real.closed)
    collector.publish("desk-2", silent_run())
    hosts = tmp_path / "machines.txt"
    hosts.write_text("desk-1\ndesk-2  # the laptop\n\n# gone\nmail.example.org\n")
    code, out, _ = fleet("verify", "--hosts", str(hosts), "--late-minutes", "0")
    states = {line.split()[0]: line.split()[1] for line in out if len(line.split()) > 6 and line[0] != " "}
    assert (code, states["desk-1"], states["desk-2"]) == (1, "closed", "SILENT")
    assert [line.split()[:2] for line in out if line.startswith("mail-example-org ")] == [
        ["mail-example-org", "MISSING"]
    ]
    assert any("silent for 0 min: machine off, cut off, or its lines taken away" in line for line in out)
    assert out[-1] == "3 hosts, 1 intact, 1 silent, 1 missing"
    assert fleet("verify", "--expect", "desk-1")[0] == 0


@pytest.mark.long
def test_a_quiet_run_is_known_to_be_alive_by_the_attestation_of_a_real_sidecar(
    pair: Pair, collector: Server, fleet: Command
) -> None:
    pair.settings["DATATOOLS_AUDIT_FORWARD"] = collector.url("desk-1")
    sidecar = pair.ready_sidecar()
    producer = pair.producer()
    producer.ask("log", 1, 3)
    producer.wait_for_durable(3)
    sidecar.signal(signal.SIGKILL)
    sidecar.wait()
    pair.ready_sidecar()
    until(lambda: b"attested_minutes" in lines_of(pair.audit, producer.run)[-1].body, "the attestation")
    collector.publish("desk-1", lines_of(pair.audit, producer.run))
    code, out, _ = fleet("verify")
    assert code == 0
    assert any(f"{producer.run}: intact, open, last attested 20" in line for line in out)
    producer.end()
    assert "attested_minutes" in logs.read(producer.log)[-1] or pair.wait_for_closing(producer.log)
    assert pair.verify()[0] == 0


def test_lines_that_come_twice_and_late_are_put_in_order(server: Server, fleet: Command, real: RealLogs) -> None:
    lines = real.closed

    async def disorderly(jetstream: JetStreamContext) -> None:
        # So short that a second copy is stored.
        await jetstream.add_stream(
            StreamConfig(name="AUDIT", subjects=["audit.*.*"], allow_direct=True, duplicate_window=0.1)
        )
        for line in [*lines[20:], *lines[:20], *lines[10:30]]:
            is_copy = True
            while is_copy:
                ack = await jetstream.publish(f"audit.desk-1.{line.run}", line.body, headers={"Nats-Msg-Id": line.id()})
                is_copy = bool(ack.duplicate)

    server.do("collector", disorderly)
    code, out, _ = fleet("verify")
    assert code == 0
    assert any("20 lines came twice, with the same bytes" in line for line in out)
    assert any("20 lines came later than lines behind them, and fit" in line for line in out)
    assert any("lets an administrator delete single messages" in line for line in out)
    printed = fleet("query", "--json")[1]
    assert sorted(printed) == sorted(line.body.decode() for line in lines)


def test_a_stream_in_which_nothing_is_or_other_things_are_is_said(collector: Server, fleet: Command) -> None:
    assert fleet("verify") == (
        0,
        [
            "Stream AUDIT on " + collector.url("reader").replace("reader:change-me-4@", "") + ": 0 messages, 1 replica",
            "",
            "0 hosts, 0 intact",
        ],
        [],
    )

    async def stray(jetstream: JetStreamContext) -> None:
        await jetstream.publish("audit.desk-1.notes", b"hello")

    collector.do("collector", stray)
    code, out, _ = fleet("verify")
    assert code == 1
    assert "  damaged: Message 1 has the subject 'audit.desk-1.notes', which is no machine's and run's." in out


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--head", "a1b2c3d4=00"], "a run, =, and 64 hex characters"),
        (["--late-minutes", "soon"], "a whole number of minutes"),
        (["--server", "http://x"], "Set it to nats://host:port"),
        (["--stream", "a.b"], "Set it to a stream's name"),
        (["--prefix", "a b"], "_PREFIX is 'a b'"),
        (["--hosts", "/nowhere/hosts"], "/nowhere/hosts cannot be read: No such file"),
        ([], "Give --server nats://host:port, or set DATATOOLS_AUDIT_FORWARD"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_to_do(pair: Pair, arguments: list[str], text: str) -> None:
    pair.settings["DATATOOLS_AUDIT_FORWARD"] = "" if not arguments else "nats://127.0.0.1:1"
    code, out, err = pair.run("-m", "sidecar", "fleet", "verify", *arguments)
    assert (code, out) == (2, [])
    assert text in " ".join(err)
