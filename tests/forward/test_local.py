"""What stays as it is on this side: the logs, who may be read, and a sidecar that forwards nothing."""

import asyncio
import os
import signal
import time
from pathlib import Path

import psutil
import pytest
from msgspec.structs import replace

from shared.errors import SettingsError
from shared.naming import log_name
from shared.wire import Forwarding, Heartbeat, decode_downstream, encode
from sidecar.compression import compressed
from sidecar.forward.calls import Calls
from sidecar.forward.extent import Stretch, Told
from sidecar.forward.lines import BATCH_BYTES, LineTooLongError, LogFiles
from sidecar.forward.logs import Logs
from sidecar.forward.target import DEFAULT_RATE, Target, read_target
from tests.forward.nats_server import Server, local_lines, needs_server
from tests.support.processes import Pair
from tests.support.waiting import until

RUN = "20261123T153000Z-a1b2c3d4"
FORWARD = "DATATOOLS_AUDIT_FORWARD"
WHOLE = Stretch(1, None, 0)


@pytest.mark.parametrize(
    ("environ", "target"),
    [
        ({}, None),
        ({FORWARD: " "}, None),
        ({FORWARD: "nats://a:4222"}, Target(("nats://a:4222",), host="web-1")),
        (
            {FORWARD: "tls://u:p@a, nats://b:1", f"{FORWARD}_RATE": "0", f"{FORWARD}_PREFIX": "x.y", f"{FORWARD}_HOST": "h.i"},
            Target(("tls://u:p@a", "nats://b:1"), prefix="x.y", host="h-i", rate=0, bytes_rate=0),
        ),
    ],
)  # fmt: skip
def test_settings_say_where_lines_go(environ: dict[str, str], target: Target | None) -> None:
    assert read_target(environ, "web.1") == target


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({FORWARD: "http://u:secret@a"}, FORWARD),
        ({FORWARD: "nats://"}, FORWARD),
        ({FORWARD: "nats://a:port"}, FORWARD),
        ({FORWARD: "nats://a", f"{FORWARD}_RATE": "-1"}, "RATE"),
        ({FORWARD: "nats://a", f"{FORWARD}_BYTES": "1MB"}, "BYTES"),
        ({FORWARD: "nats://a", f"{FORWARD}_PREFIX": "a.>"}, "PREFIX"),
        ({FORWARD: "nats://a", f"{FORWARD}_STREAM": "a b"}, "STREAM"),
        ({FORWARD: "nats://a", f"{FORWARD}_KEY": "k"}, "CERTIFICATE"),
    ],
)
def test_a_setting_that_cannot_be_is_named_and_no_secret_is_shown(environ: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named) as raised:
        read_target(environ, "h")
    assert "secret" not in str(raised.value)
    assert read_target({FORWARD: "nats://u:secret@a:1"}, "h") is not None
    assert "secret" not in Target(("nats://u:secret@a:1",)).name
    assert DEFAULT_RATE > 0


def test_without_the_setting_no_process_is_started_and_status_says_nothing_of_it(pair: Pair) -> None:
    sidecar = pair.ready_sidecar()
    producer = pair.producer()
    producer.ask("log", 1, 5)
    assert producer.wait_for_durable(5)["forwarding"] is None
    assert psutil.Process(sidecar.pid).children() == []
    assert "forward" not in "".join(pair.run("-m", "sidecar", "status")[1])
    assert [path.suffix for path in pair.log_files()] == [".jsonl"]


def test_without_the_library_recording_goes_on_and_it_is_said_what_to_install(pair: Pair, tmp_path: Path) -> None:
    (tmp_path / "nats.py").write_text("raise ModuleNotFoundError('no nats', name='nats')")
    pair.settings |= {FORWARD: "nats://127.0.0.1:9", "PYTHONPATH": str(tmp_path)}
    sidecar = pair.ready_sidecar()
    producer = pair.producer()
    producer.ask("log", 1, 5)
    producer.wait_for_durable(5)
    assert "pip install 'datatools-audit[nats]'" in sidecar.wait_for_line("stopped", err=True)


@needs_server
def test_a_network_that_is_absent_costs_no_event_and_the_panel_is_told(pair: Pair) -> None:
    pair.settings[FORWARD] = "nats://127.0.0.1:9"
    sidecar = pair.ready_sidecar()
    producer = pair.producer()
    producer.ask("log", 1, 500)
    producer.wait_for_durable(500)
    told: dict[str, object] = {}

    def is_told() -> bool:
        told.update(producer.status()["forwarding"] or {"state": "unheard"})
        return told["state"] == "stopped" and told["waiting"] == 501

    until(is_told, lambda: f"the panel is told: {told}")
    assert "refused" in str(told["reason"]).lower()
    assert len([line for line in sidecar.err if "stopped" in line]) == 1
    sidecar.signal(signal.SIGTERM)
    assert sidecar.wait() == 0


@needs_server
def test_what_is_not_durable_is_not_forwarded(pair: Pair, server: Server) -> None:
    pair.ready_sidecar()
    server.kill()
    producer = pair.producer()
    producer.ask("log", 1, 10)
    producer.wait_for_durable(10)
    local = local_lines(pair.audit)
    # A whole line that the sidecar has not said to be durable; also a log that nobody closed, and a link.
    with producer.log.open("ab") as log:
        log.write(b'{"forged":1}\n')
    other = pair.audit / f"datatools-{RUN}.jsonl"
    other.write_bytes(b'{"open":1}\n')
    (pair.audit / f"datatools-{RUN.replace('a1', 'b2')}.jsonl").symlink_to(producer.log)
    old = time.time() - 100
    os.utime(other, (old, old))
    server.start().wait_listening()
    until(lambda: server.count() >= 11, "the log is forwarded")
    # The next look at the directory has begun and ended when a log that may go has gone.
    second = pair.producer()
    second.ask("log", 1, 5)
    second.wait_for_durable(5)
    second.end()
    pair.wait_for_closing(second.log)
    until(lambda: len(server.lines().get(second.run, [])) == 7, "the other log is forwarded")
    held = server.lines()
    assert held.keys() == {producer.run, second.run}
    assert held[producer.run] == local[producer.run]


@needs_server
@pytest.mark.long
def test_a_log_that_is_deleted_before_it_was_forwarded_is_said(pair: Pair) -> None:
    pair.settings[FORWARD] = "nats://127.0.0.1:9"
    sidecar = pair.ready_sidecar()
    producer = pair.producer()
    producer.ask("log", 1, 20)
    producer.wait_for_durable(20)
    producer.end()
    pair.wait_for_closing(producer.log)
    until(lambda: "22 lines wait" in "".join(pair.run("-m", "sidecar", "status")[1]), "22 lines wait")
    producer.log.unlink()
    line = sidecar.wait_for_line("was deleted before it was forwarded", err=True)
    assert producer.run in line
    assert "22 lines" in line


def test_lines_are_read_whole_from_any_place_in_either_form(tmp_path: Path) -> None:
    lines = [b"x" * size for size in (1, 70_000, 3, BATCH_BYTES + 5, 2)]
    path = tmp_path / f"datatools-{RUN}.jsonl"
    path.write_bytes(b"".join(line + b"\n" for line in lines) + b"torn")
    data = path.read_bytes()
    compressed_path = path.with_name(f"{path.name}.zst")
    compressed_path.write_bytes(b"".join(compressed([data], len(data))))
    for stretch in (WHOLE, WHOLE._replace(compressed=True)):
        files = LogFiles(tmp_path)
        found, offset = [], 0
        while batch := files.read(RUN, stretch, offset, 2):
            found += batch
            offset += sum(len(line) + 1 for line in batch)
            assert files.ends_with(RUN, stretch, offset, batch[-1])
            assert not files.ends_with(RUN, stretch, offset, batch[-1] + b"x")
        assert found == lines
        assert files.find_end(RUN, stretch, 3) == (70_007, b"xxx")
        assert files.find_end(RUN, stretch, 6) is None
        files.close()
    sizes = {each.compressed: each.size for each in LogFiles(tmp_path).find()[RUN]}
    assert sizes == {False: path.stat().st_size, True: path.stat().st_size}
    assert LogFiles(tmp_path).read(RUN, WHOLE._replace(limit=70_000), 0, 9) == lines[:1]


def test_parts_begun_since_the_last_look_are_not_passed_over(tmp_path: Path) -> None:
    def write(*parts: int) -> None:
        for part in parts:
            (tmp_path / log_name(RUN, part)).write_bytes(b"line\n" * 9)

    async def look() -> None:
        logs = Logs(tmp_path, {}, pytest.fail, Calls())
        write(1)
        logs.take({RUN: Told(1, 45)})
        await logs.look()
        # The second part is known only because the sidecar told of it.
        write(2)
        logs.take({RUN: Told(2, 10)})
        write(3)
        logs.take({RUN: Told(3, 5)})
        assert [each.part for each in logs[RUN].stretches] == [1, 2]
        assert logs.must_look
        await logs.look()
        assert logs[RUN].stretches == [Stretch(1, None, 45), Stretch(2, None, 45), Stretch(3, 5, 5)]

    asyncio.run(look())


def test_what_has_no_newline_for_megabytes_is_no_line(tmp_path: Path) -> None:
    (tmp_path / f"datatools-{RUN}.jsonl").write_bytes(b"x" * (40 * 1024 * 1024))
    with pytest.raises(LineTooLongError):
        LogFiles(tmp_path).read(RUN, WHOLE, 0, 1)


def test_a_heartbeat_with_it_and_one_without_are_understood() -> None:
    beat = Heartbeat("s", "recording", 1, "", "d", "f", 1, 1, 0, 0, 0, 0, 0)
    assert decode_downstream(encode(beat)) == beat
    more = replace(beat, forwarding=Forwarding("nats://a", "stopped", 1, "r", 1_204))
    assert decode_downstream(encode(more)) == more
