"""Logs that somebody cut or deleted before, or behind, what the stream holds of them: it is said, and the rest goes on."""

import signal
from itertools import pairwise
from pathlib import Path

import pytest

from sidecar.forward.cursor import decode_cursor
from tests.forward.nats_server import Server, local_lines, needs_server, wait_forwarded
from tests.support.processes import Pair, Producer
from tests.support.waiting import until

pytestmark = needs_server

FORWARD = "DATATOOLS_AUDIT_FORWARD"
CURSOR = "datatools-forward.cursor"


def log(producer: Producer, first: int, last: int) -> None:
    producer.ask("log", first, last)
    producer.wait_for_durable(last)


def cut(log: Path) -> None:
    """Its last whole line is the event 8."""
    data = log.read_bytes()
    log.write_bytes(data[: data.index(b"\n", data.index(b'"seq":8,')) + 1])


def test_a_log_cut_while_it_is_written_is_said_and_goes_on_in_its_next_part(pair: Pair, server: Server) -> None:
    sidecar = pair.ready_sidecar()
    producer = pair.producer()
    log(producer, 1, 30)
    whole = wait_forwarded(server, pair.audit)[producer.run]
    server.kill()
    cut(producer.log)
    log(producer, 31, 40)
    rest = producer.log.with_name(producer.log.name.replace(".jsonl", ".2.jsonl"))
    until(rest.exists, "the next part")
    server.start().wait_listening()
    here = [line for line in local_lines(pair.audit)[producer.run] if ".2." in line.id]
    until(lambda: server.count() >= len(whole) + len(here), lambda: f"{server.count()} lines arrived")
    assert server.lines()[producer.run] == whole + here
    assert "the stream holds 31 lines of part 1" in sidecar.wait_for_line("somebody cut it", err=True)


def test_a_log_cut_while_no_sidecar_ran_is_said_and_goes_on_where_it_is_as_long_again(
    pair: Pair, server: Server
) -> None:
    before = pair.ready_sidecar()
    producer, other = pair.producer(), pair.producer()
    log(producer, 1, 30)
    whole = wait_forwarded(server, pair.audit)[producer.run]
    before.kill()
    before.wait()
    cut(producer.log)
    sidecar = pair.ready_sidecar()
    log(producer, 31, 40)
    log(other, 1, 5)
    assert "the stream holds 31 lines of part 1" in sidecar.wait_for_line("somebody cut it", err=True)
    until(lambda: server.count() >= len(whole) + 6, lambda: f"{server.count()} lines arrived")
    log(producer, 41, 70)
    # The next sidecar says once that the run is alive, when nothing else is to be written.
    until(lambda: b'"attested_minutes"' in producer.log.read_bytes(), "the attestation")
    here = local_lines(pair.audit)[producer.run][31:]
    assert len(here) > 5
    until(lambda: server.count() >= len(whole) + len(here) + 6, lambda: f"{server.count()} lines arrived")
    assert server.lines()[producer.run] == whole + here
    assert sidecar.wait_for_line("Line 31 of part 1 of run", err=True)
    server.kill()
    server.start().wait_listening()
    log(producer, 71, 72)
    until(lambda: len(server.lines()[producer.run]) == len(whole) + len(here) + 2, "the last lines arrived")
    code, out, _ = pair.run("-m", "sidecar", "fleet", "verify", "--server", server.url)
    assert (code, "1 damaged" in out[-1]) == (1, True), out


@pytest.mark.long
def test_a_part_deleted_before_all_of_it_was_forwarded_is_said_and_the_next_ones_go_on(
    pair: Pair, server: Server
) -> None:
    pair.settings["DATATOOLS_AUDIT_PART_BYTES"] = "20000"
    sidecar = pair.ready_sidecar()
    producer = pair.producer()
    log(producer, 1, 20)
    wait_forwarded(server, pair.audit)
    server.kill()
    for first, last in pairwise(range(20, 321, 60)):
        log(producer, first + 1, last)
    producer.end()
    parts = sorted(pair.audit.glob("datatools-*.jsonl"), key=lambda path: path.stat().st_mtime_ns)
    until(lambda: b"outcome" in parts[-1].read_bytes(), "the log is closed")
    until(lambda: "lines wait" in "".join(pair.run("-m", "sidecar", "status")[1]), "what waits is known")
    local = local_lines(pair.audit)[producer.run]
    parts[0].unlink()
    server.start().wait_listening()
    rest = [line for line in local if ".1." not in line.id]
    until(lambda: server.count() >= 21 + len(rest), lambda: f"{server.count()} lines arrived")
    assert server.lines()[producer.run] == local[:21] + rest
    line = sidecar.wait_for_line("is not there any more", err=True)
    assert f"Part 1 of run {producer.run} is not there any more, and " in line
    assert line.endswith(" bytes of it were not forwarded")


@pytest.mark.long
def test_logs_deleted_while_nothing_ran_are_each_said_by_the_next_forwarder_once(pair: Pair) -> None:
    pair.settings[FORWARD] = "nats://127.0.0.1:9"
    sidecar = pair.ready_sidecar()
    producers = [pair.producer() for _ in range(3)]
    for producer in producers:
        log(producer, 1, 5)
        producer.end()
        pair.wait_for_closing(producer.log)
    runs = sorted(producer.run for producer in producers)
    cursor = pair.audit / CURSOR
    until(lambda: cursor.exists() and decode_cursor(cursor.read_bytes()).unfinished == runs, "the cursor names them")
    sidecar.signal(signal.SIGTERM)
    sidecar.wait()
    for producer in producers[:2]:
        producer.log.unlink()
    for expected in (2, 0):
        sidecar = pair.ready_sidecar()
        until(lambda: decode_cursor(cursor.read_bytes()).unfinished == [producers[2].run], "the cursor names the other")
        sidecar.wait_for_line("stopped", err=True)
        sidecar.signal(signal.SIGTERM)
        sidecar.wait()
        said = [line for line in sidecar.err if "was deleted while nothing was forwarded" in line]
        assert len(said) == expected, sidecar.err
        assert all(any(producer.run in line for line in said) for producer in producers[:expected])
