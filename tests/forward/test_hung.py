"""The forwarder's disk hangs: the local log goes on, it is said what does not return, and each line arrives when it does."""

import signal
from pathlib import Path

import pytest

from sidecar.forward.calls import STUCK_S
from tests.fault.hanging import bench
from tests.fault.mount import needs_fuse
from tests.fault.stuck import wait_until_gone, wait_until_it_cannot_end
from tests.forward.nats_server import Server, needs_server, wait_forwarded
from tests.forward.test_forwarding import forwarder_of
from tests.support.waiting import until

pytestmark = [needs_server, needs_fuse, pytest.mark.long]


def test_what_the_forwarder_cannot_read_holds_up_no_event_is_said_and_arrives_when_it_can(
    tmp_path: Path, server: Server
) -> None:
    with bench(tmp_path / "disk") as stage:
        stage.pair.settings["DATATOOLS_AUDIT_FORWARD"] = server.url
        sidecar = stage.pair.ready_sidecar()
        stage.producer = stage.pair.producer()
        stage.log(10)
        stage.producer.wait_for_durable(10)
        until(lambda: server.count() == 11, lambda: f"{server.count()} lines arrived")
        # Only the forwarder reads.
        stage.mount.hang("read")
        stage.log(500)
        status = stage.producer.wait_for_durable(510)
        assert status["state"] == "recording"
        line = sidecar.wait_for_line("stopped", err=True)
        assert f"reading the log of run {stage.producer.run} has not returned for over {STUCK_S:.0f} s" in line
        assert stage.producer.ask("status")["state"] == "recording"
        stage.mount.release()
        stage.producer.end()
        stage.pair.wait_for_closing(stage.producer.log)
        wait_forwarded(server, stage.backing)
        sidecar.wait_for_line("goes on after")


def test_a_cursor_that_cannot_be_written_holds_up_neither_the_lines_nor_the_end(tmp_path: Path, server: Server) -> None:
    with bench(tmp_path / "disk") as stage:
        stage.pair.settings["DATATOOLS_AUDIT_FORWARD"] = server.url
        stage.mount.hang("fsync", only="cursor")
        sidecar = stage.pair.ready_sidecar()
        stage.producer = stage.pair.producer()
        stage.log(10)
        stage.mount.wait_for("hung", "fsync")
        stage.log(10)
        stage.producer.wait_for_durable(20)
        wait_forwarded(server, stage.backing)
        said = f"writing the cursor has not returned for over {STUCK_S:.0f} s"
        until(lambda: said in str(stage.producer.status()["forwarding"]), "it is said what does not return")
        assert stage.producer.status()["forwarding"]["state"] == "forwarding"
        forwarder = forwarder_of(sidecar)
        assert forwarder is not None
        sidecar.signal(signal.SIGTERM)
        # Not for the end of its output, which the forwarder has as well.
        assert sidecar.popen.wait(20) == 0
        wait_until_it_cannot_end(forwarder.pid)
        stage.mount.release()
        wait_until_gone(forwarder.pid)
        assert not sidecar.err
