"""Whatever happens on the way: each line of a log is in the stream once, unchanged, in the order of its run."""

import contextlib
import random
import signal
from datetime import datetime

import psutil
import pytest

from tests.forward.nats_server import Server, local_lines, needs_server, wait_forwarded
from tests.support.logs import check_chain
from tests.support.processes import Pair, Producer, Sidecar
from tests.support.waiting import until

pytestmark = needs_server


def forwarder_of(sidecar: Sidecar) -> psutil.Process | None:
    for each in psutil.Process(sidecar.pid).children():
        # One that was killed just now has no command line any more.
        with contextlib.suppress(psutil.NoSuchProcess):
            if "sidecar.forward" in each.cmdline():
                return each
    return None


def wait_closed(pair: Pair, *producers: Producer) -> None:
    """Wait for the closing line of each, in whichever part."""
    for producer in producers:
        pattern = f"datatools-{producer.run}*"
        until(lambda: any(b"outcome" in each.read_bytes() for each in pair.audit.glob(pattern)), f"{pattern} is closed")  # noqa: B023


def log_and_end(producer: Producer, events: int, size: int = 0) -> None:
    producer.ask("log", 1, events, size)
    producer.wait_for_durable(events)
    producer.end()


def test_each_line_of_each_part_arrives_unchanged_once_and_in_order(pair: Pair, server: Server) -> None:
    pair.settings["DATATOOLS_AUDIT_PART_BYTES"] = "20000"
    sidecar = pair.ready_sidecar()
    first, second = pair.producer(), pair.producer()
    for number in range(100, 1001, 100):
        first.ask("log", number - 99, number)
        first.wait_for_durable(number)
    first.end()
    log_and_end(second, 300)
    wait_closed(pair, first, second)
    local = wait_forwarded(server, pair.audit)
    assert len(local) == 2
    assert {each.id.split(".")[1] for each in local[first.run]} > {"1", "2", "3"}
    check_chain(each.body for each in server.lines()[first.run])
    assert sidecar.wait_for_line(f"Forwarding to {server.url}")
    assert not sidecar.err


def test_all_that_lies_there_is_forwarded_when_it_is_turned_on_plain_or_compressed(pair: Pair, server: Server) -> None:
    del pair.settings["DATATOOLS_AUDIT_FORWARD"]
    plain = pair.ready_sidecar()
    producers = [pair.producer(), pair.producer()]
    for producer in producers:
        log_and_end(producer, 200)
        pair.wait_for_closing(producer.log)
    plain.signal(signal.SIGTERM)
    plain.wait()
    local = local_lines(pair.audit)
    assert pair.run("-m", "sidecar", "compress", str(producers[0].log))[0] == 0
    assert not producers[0].log.exists()
    pair.settings["DATATOOLS_AUDIT_FORWARD"] = server.url
    pair.ready_sidecar()
    until(lambda: server.count() >= sum(map(len, local.values())), lambda: f"{server.count()} arrived")
    assert server.lines() == local


@pytest.mark.parametrize(
    "damage",
    ["lost", *(pytest.param(each, marks=pytest.mark.long) for each in ("stale", "corrupt", "of another stream"))],
)
def test_without_a_cursor_that_can_be_believed_each_line_is_still_there_once(
    pair: Pair, server: Server, damage: str
) -> None:
    sidecar = pair.ready_sidecar()
    cursor = pair.audit / "datatools-forward.cursor"
    producer = pair.producer()
    producer.ask("log", 1, 300)
    producer.wait_for_durable(300)
    until(lambda: cursor.exists() and b"[1,301" in cursor.read_bytes(), "the cursor is written")
    early = cursor.read_bytes()
    producer.ask("log", 301, 600)
    producer.wait_for_durable(600)
    wait_forwarded(server, pair.audit)
    sidecar.signal(signal.SIGTERM)
    until(lambda: b"[1,601" in cursor.read_bytes(), "the cursor is written")
    sidecar.wait()
    match damage:
        case "lost":
            cursor.unlink()
        case "stale":
            cursor.write_bytes(early)
        case "corrupt":
            cursor.write_bytes(early.replace(b"[1,301", b"[1,150"))
        case _:
            # Other lines would be believed to be there.
            server.api("STREAM.DELETE.AUDIT")
            server.make_stream()
    next_one = pair.ready_sidecar()
    producer.ask("log", 601, 700)
    producer.wait_for_durable(700)
    producer.end()
    pair.wait_for_closing(producer.log)
    wait_forwarded(server, pair.audit)
    assert not next_one.err


def test_a_stream_that_is_made_anew_gets_all_and_one_that_let_go_what_it_held_gets_the_rest(
    pair: Pair, server: Server
) -> None:
    pair.ready_sidecar()
    producer = pair.producer()
    producer.ask("log", 1, 50)
    producer.wait_for_durable(50)
    wait_forwarded(server, pair.audit)
    server.api("STREAM.DELETE.AUDIT")
    server.make_stream()
    producer.ask("log", 51, 60)
    producer.wait_for_durable(60)
    wait_forwarded(server, pair.audit)
    server.api("STREAM.PURGE.AUDIT")
    producer.ask("log", 61, 70)
    producer.wait_for_durable(70)
    until(lambda: server.count() == 10, lambda: f"{server.count()} lines arrived")
    assert server.lines()[producer.run] == local_lines(pair.audit)[producer.run][-10:]


@pytest.mark.long
def test_a_forwarder_killed_at_random_moments_is_started_again_and_each_line_is_there_once(
    pair: Pair, server: Server
) -> None:
    pair.settings["DATATOOLS_AUDIT_FORWARD_RATE"] = "0"
    sidecar = pair.ready_sidecar()
    producer = pair.producer()
    chance = random.Random(4)  # noqa: S311
    killed = 0
    for first in range(1, 8001, 500):
        producer.ask("log", first, first + 499)
        at_least = server.count() + chance.randrange(500)
        until(lambda: server.count() >= min(at_least, first) or killed > 3, "some arrived")  # noqa: B023
        if (forwarder := forwarder_of(sidecar)) is not None and killed < 6:
            forwarder.kill()
            killed += 1
    assert killed > 3
    producer.wait_for_durable(8000)
    producer.end()
    pair.wait_for_closing(producer.log)
    wait_forwarded(server, pair.audit)
    assert any("was killed by signal 9; starting it again" in line for line in sidecar.err)
    assert sidecar.wait_for_line("goes on after")


def test_a_sidecar_killed_in_the_middle_leaves_each_line_there_once(pair: Pair, server: Server) -> None:
    sidecar = pair.ready_sidecar()
    producer = pair.producer()
    for first in range(1, 3001, 1000):
        producer.ask("log", first, first + 999)
        until(lambda: server.count() > first, "some arrived")  # noqa: B023
        sidecar.kill()
        sidecar.wait()
        sidecar = pair.ready_sidecar()
    producer.wait_for_durable(3000)
    producer.end()
    pair.wait_for_closing(producer.log)
    wait_forwarded(server, pair.audit)


def test_a_server_killed_and_started_again_gets_each_line_once_and_it_is_said_once(pair: Pair, server: Server) -> None:
    sidecar = pair.ready_sidecar()
    producer = pair.producer()
    for first in range(1, 3001, 1000):
        producer.ask("log", first, first + 999)
        until(lambda: server.count() > first, "some arrived")  # noqa: B023
        server.kill()
        producer.wait_for_durable(first + 999)
        server.start().wait_listening()
    producer.end()
    pair.wait_for_closing(producer.log)
    wait_forwarded(server, pair.audit)
    stopped = [line for line in sidecar.err if "stopped" in line]
    assert 1 <= len(stopped) <= 3, sidecar.err
    assert "Lines wait in the logs" in stopped[0]
    sidecar.wait_for_line("goes on after")


@pytest.mark.long
def test_a_backlog_of_long_lines_takes_no_more_bytes_a_second_than_is_set(pair: Pair, server: Server) -> None:
    pair.settings["DATATOOLS_AUDIT_FORWARD_BYTES"] = "100000"
    pair.ready_sidecar()
    producer = pair.producer()
    log_and_end(producer, 30, size=10_000)
    wait_closed(pair, producer)
    wait_forwarded(server, pair.audit)
    state = server.api("STREAM.INFO.AUDIT")["state"]
    first, last = (datetime.fromisoformat(state[each][:26]) for each in ("first_ts", "last_ts"))
    # 300 kB, of which a quarter of a second's share may have been made up for.
    assert 2.5 < (last - first).total_seconds() < 10
