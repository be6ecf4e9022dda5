"""What network and server do to the lines on their way, and what is said of it."""

import asyncio
import os
import random
import shutil
import ssl
from contextlib import ExitStack

import pytest

from sidecar.forward.lane import Answer, Lane, Refused, Stored
from sidecar.forward.target import Target
from tests.forward.certificates import certificates, needs_openssl
from tests.forward.nats_server import STREAM, Server, cluster, local_lines, needs_server, wait_forwarded
from tests.forward.proxy import Proxy
from tests.support.processes import Pair, Producer
from tests.support.waiting import until

pytestmark = needs_server

FORWARD = "DATATOOLS_AUDIT_FORWARD"
RUN = "20261123T153000Z-a1b2c3d4"


def log_closed(pair: Pair, producer: Producer, events: int, size: int = 0) -> None:
    producer.ask("log", 1, events, size)
    producer.wait_for_durable(events)
    producer.end()
    pair.wait_for_closing(producer.log)


def wait_for_status(pair: Pair, text: str) -> str:
    found: list[str] = []

    def says() -> bool:
        found[:] = [line for line in pair.run("-m", "sidecar", "status")[1] if line.startswith("  forwards")]
        return any(text in line for line in found)

    until(says, lambda: f"{text!r} in {found}")
    return found[0]


def test_a_connection_cut_in_the_middle_of_messages_leaves_each_line_there_once(pair: Pair, server: Server) -> None:
    chance = random.Random(7)  # noqa: S311
    with Proxy(server.port, [chance.randrange(300, 60_000) for _ in range(12)]) as proxy:
        pair.settings[FORWARD] = proxy.url
        pair.ready_sidecar()
        log_closed(pair, pair.producer(), 3000)
        wait_forwarded(server, pair.audit)
        assert proxy.cuts > 5


def test_wrong_credentials_are_said_and_cost_no_event_and_right_ones_go_on(pair: Pair) -> None:
    with ExitStack() as stack:
        users = "authorization {{ users: [ {{user: test, password: {0}}}, {{user: audit, password: right}} ] }}"
        server = Server(stack, pair.root / "nats", users.format("own"), user="test", password="own").start()  # noqa: S106
        server.wait_listening().make_stream()
        pair.settings[FORWARD] = f"nats://audit:wrong@127.0.0.1:{server.port}"
        sidecar = pair.ready_sidecar()
        log_closed(pair, pair.producer(), 100)
        line = sidecar.wait_for_line("stopped", err=True)
        assert "the server refused the credentials" in line
        assert "wrong" not in "".join(sidecar.err + sidecar.out)
        assert "refused the credentials since" in wait_for_status(pair, "102 lines wait")
        sidecar.kill()
        sidecar.wait()
        pair.settings[FORWARD] = f"nats://audit:right@127.0.0.1:{server.port}"
        pair.ready_sidecar()
        wait_forwarded(server, pair.audit)
        assert "0 lines wait" in wait_for_status(pair, "102 forwarded")


@needs_openssl
def test_where_tls_is_required_the_certificate_must_be_trusted(pair: Pair) -> None:
    certificates(pair.root)
    with ExitStack() as stack:
        tls = f'tls {{ cert_file: "{pair.root}/server.pem", key_file: "{pair.root}/server.key" }}'
        context = ssl.create_default_context(cafile=pair.root / "ca.pem")
        server = Server(stack, pair.root / "nats", tls, scheme="tls", tls=context).start().wait_listening()
        server.make_stream()
        pair.settings[FORWARD] = server.url
        sidecar = pair.ready_sidecar()
        log_closed(pair, pair.producer(), 50)
        assert "certificate is not trusted" in sidecar.wait_for_line("stopped", err=True)
        sidecar.kill()
        sidecar.wait()
        pair.settings[f"{FORWARD}_CA"] = str(pair.root / "ca.pem")
        pair.ready_sidecar()
        wait_forwarded(server, pair.audit)


@needs_openssl
@pytest.mark.parametrize("setting", ["tls://", "a CA"])
def test_whoever_asks_for_tls_tells_nothing_to_a_server_that_has_none(pair: Pair, server: Server, setting: str) -> None:
    certificates(pair.root)
    if setting == "tls://":
        pair.settings[FORWARD] = server.url.replace("nats://", "tls://audit:secret@")
    else:
        pair.settings[f"{FORWARD}_CA"] = str(pair.root / "ca.pem")
    sidecar = pair.ready_sidecar()
    log_closed(pair, pair.producer(), 5)
    assert "the server offers no TLS" in sidecar.wait_for_line("stopped", err=True)
    assert server.count() == 0


def test_a_full_stream_is_said_loses_nothing_and_is_gone_on_with_when_there_is_room(pair: Pair, server: Server) -> None:
    config = server.api(f"STREAM.INFO.{STREAM}")["config"]
    server.api(f"STREAM.UPDATE.{STREAM}", {**config, "max_bytes": 100_000, "discard": "new"})
    sidecar = pair.ready_sidecar()
    # Of some lines those behind are small enough to find room.
    producer = pair.producer()
    for number in range(1, 401):
        producer.ask("log", number, number, 5000 if number % 3 else 0)
    producer.wait_for_durable(400)
    assert "maximum bytes exceeded" in sidecar.wait_for_line("stopped", err=True)
    assert "lines wait" in wait_for_status(pair, "maximum bytes exceeded")
    held = server.lines()[producer.run]
    assert held == local_lines(pair.audit)[producer.run][: len(held)]
    server.api(f"STREAM.UPDATE.{STREAM}", {**config, "max_bytes": 100_000_000, "discard": "new"})
    producer.end()
    pair.wait_for_closing(producer.log)
    wait_forwarded(server, pair.audit)
    sidecar.wait_for_line("goes on after")
    assert len([line for line in sidecar.err if "stopped" in line]) == 1


def test_runs_of_one_name_on_two_machines_are_no_duplicates_and_who_is_called_one_is_not_taken_for_stored(
    server: Server,
) -> None:
    from sidecar.forward.link import Link  # noqa: PLC0415 - there only where the library is

    async def publish(host: str) -> list[Answer]:
        target = Target((server.url,), host=host)
        link = await Link.connect(target, server.url)
        try:
            return await link.publish(target.subject(RUN), Lane(host, RUN, link.stream).burst([b"1", b"2"]))
        finally:
            await link.close()

    assert asyncio.run(publish("a")) == [Stored(1), Stored(2)]
    assert asyncio.run(publish("b")) == [Stored(3), Stored(4)]
    # Its subject holds nothing any more, and its ids are known.
    server.api(f"STREAM.PURGE.{STREAM}")
    assert isinstance(asyncio.run(publish("b"))[0], Refused)
    assert server.count() == 0


@pytest.mark.long
def test_twenty_sidecars_at_once_each_get_their_lines_there_once_and_in_order(server: Server) -> None:
    with ExitStack() as stack:
        pairs = [Pair(stack) for _ in range(20)]
        for pair in pairs:
            pair.settings |= {FORWARD: server.url, f"{FORWARD}_HOST": pair.root.name}
        sidecars = [pair.sidecar() for pair in pairs]
        live = pairs[0].producer()
        log_closed(pairs[0], live, 400)
        for number, pair in enumerate(pairs[1:]):
            # As if it had lain there: nothing in a line says where it comes from. Some runs have the same name.
            copied = pair.audit / live.log.name.replace(live.run[-8:], f"{number // 3:08x}")
            pair.audit.mkdir(exist_ok=True)
            shutil.copy(live.log, copied)
            os.utime(copied, (1_700_000_000, 1_700_000_000))
        for sidecar in sidecars:
            sidecar.wait_ready()
        until(lambda: server.count() >= 20 * 402, lambda: f"{server.count()} lines arrived")
        for pair in pairs:
            assert server.lines(pair.root.name) == local_lines(pair.audit)


@pytest.mark.long
def test_a_leader_killed_under_load_leaves_each_line_in_the_replicas_once(pair: Pair) -> None:
    with ExitStack() as stack:
        servers = cluster(stack, pair.root)
        addresses = ",".join(each.url for each in servers)
        made = ("fleet", "init", "--replicas", "3", "--server", addresses)
        # Until the three have elected one, they say so.
        until(lambda: pair.run("-m", "sidecar", *made)[0] == 0, "a stream with three replicas")
        assert servers[1].api(f"STREAM.INFO.{STREAM}")["config"]["num_replicas"] == 3
        pair.settings |= {FORWARD: addresses, f"{FORWARD}_RATE": "0"}
        sidecar = pair.ready_sidecar()
        producer = pair.producer()
        killed = set()
        for first in range(1, 4001, 2000):
            producer.ask("log", first, first + 1999)
            alive = next(each for each in servers if each.port not in killed)
            until(lambda: alive.count() > first + 200, "some arrived")  # noqa: B023
            leader = servers[int(alive.api(f"STREAM.INFO.{STREAM}")["cluster"]["leader"][1:])]
            leader.kill()
            killed.add(leader.port)
            producer.wait_for_durable(first + 1999)
            others = [each for each in servers if each is not leader]
            others[0].api(f"STREAM.INFO.{STREAM}")
            leader.start().wait_listening()
            killed.clear()
        producer.end()
        pair.wait_for_closing(producer.log)
        for server in servers:
            wait_forwarded(server, pair.audit)
        assert sidecar.wait_for_line(f"Forwarding to {servers[0].url}")
        code, out, err = pair.run("-m", "sidecar", "fleet", "verify", "--server", addresses)
        assert (code, err, out[-1]) == (0, [], "1 host, 1 intact")
        assert "3 replicas" in out[0]


@pytest.mark.long
@pytest.mark.parametrize("bound", ["max_payload", "max_msg_size"])
def test_a_line_longer_than_the_other_end_takes_is_said_and_holds_up_its_own_run_alone(pair: Pair, bound: str) -> None:
    small = "max_payload: 4096" if bound == "max_payload" else ""
    with ExitStack() as stack:
        server = Server(stack, pair.root / "nats", small).start().wait_listening()
        server.make_stream(**({} if small else {"max_msg_size": 4096}))
        recording = pair.ready_sidecar()
        long, short = pair.producer(), pair.producer()
        for number, size in ((1, 0), (2, 6000), (3, 0)):
            long.ask("log", number, number, size)
        long.wait_for_durable(3)
        long.end()
        pair.wait_for_closing(long.log)
        log_closed(pair, short, 5)
        recording.kill()
        recording.wait()
        # More of them than old logs are sent at once.
        for number in range(8):
            copied = pair.audit / long.log.name.replace(long.run[-8:], f"{number:08x}")
            shutil.copy(long.log, copied)
        for log in pair.audit.glob("*.jsonl"):
            os.utime(log, (1_700_000_000, 1_700_000_000))
        pair.settings[FORWARD] = server.url
        sidecar = pair.ready_sidecar()
        until(lambda: server.count() >= 9 * 2 + 7, lambda: f"{server.count()} lines arrived")
        local = local_lines(pair.audit)
        held = server.lines()
        assert held == {run: lines if run == short.run else lines[:2] for run, lines in local.items()}
        line = sidecar.wait_for_line("stopped", err=True)
        said = "line 3 of part 1 has 6," if small else "message size exceeds maximum allowed"
        assert said in line
        assert said in wait_for_status(pair, said)
        if small:
            server.kill()
            server.settings = ""
            server.start().wait_listening()
        else:
            config = server.api(f"STREAM.INFO.{STREAM}")["config"]
            server.api(f"STREAM.UPDATE.{STREAM}", {**config, "max_msg_size": -1})
        wait_forwarded(server, pair.audit)
