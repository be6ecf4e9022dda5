"""Settings that cannot work, or do not work yet: a clear sentence that says what to do, and nothing is lost."""

import os

import pytest

from tests.support import logs
from tests.support.permissions import obeying
from tests.support.processes import Pair, Sidecar
from tests.support.transports import over_ipc


def refusal(sidecar: Sidecar) -> str:
    """The one line that a sidecar prints that cannot begin."""
    assert sidecar.wait() == 1
    assert sidecar.out == []
    [line] = sidecar.err
    return line


@over_ipc
def test_a_run_directory_too_long_for_a_socket_is_refused(pair: Pair) -> None:
    pair.run_dir = pair.root / ("long" * 25)
    line = refusal(pair.sidecar())
    assert str(pair.run_dir) in line
    assert "Set DATATOOLS_RUN_DIR to a shorter path" in line
    producer = pair.producer()
    producer.ask("log", 1, 3)
    assert "shorter path" in producer.wait_for_state("absent")["reason"]


def test_a_run_directory_that_others_can_write_to_is_refused(pair: Pair) -> None:
    pair.run_dir.mkdir()
    pair.run_dir.chmod(0o777)
    line = refusal(pair.sidecar())
    assert line == f"Other users can write to {pair.run_dir}. Run: chmod go-w {pair.run_dir}"
    producer = pair.producer()
    producer.ask("log", 1, 3)
    assert producer.wait_for_state("absent")["reason"] == line
    pair.run_dir.chmod(0o700)
    pair.ready_sidecar()
    producer.wait_for_durable(3)


def test_a_run_directory_that_is_a_file_is_refused(pair: Pair) -> None:
    pair.run_dir.write_bytes(b"")
    assert str(pair.run_dir) in refusal(pair.sidecar())


def test_a_transport_that_there_is_not_is_refused_by_sidecar_and_gui(pair: Pair) -> None:
    pair.settings["DATATOOLS_AUDIT_TRANSPORT"] = "udp"
    line = refusal(pair.sidecar())
    assert line == "DATATOOLS_AUDIT_TRANSPORT is 'udp'. Set it to ipc or tcp, or leave it out."
    producer = pair.producer()
    producer.ask("log", 1, 3)
    assert producer.wait_for_state("absent")["reason"] == line


def check_failing(pair: Pair, sidecar: Sidecar, words: str) -> None:
    """Sidecar, `status` and GUI all say `words` while the audit directory cannot be used."""
    producer = pair.producer()
    producer.ask("log", 1, 2000)
    assert words in producer.wait_for_state("failing")["reason"]
    code, printed, _ = pair.run("-m", "sidecar", "status")
    assert code == 0
    assert printed[0].startswith("Failing for ")
    assert words in printed[0]
    assert str(pair.audit) in printed[0]
    assert words in sidecar.wait_for_line("Disk failing", err=True)


def check_recovered(pair: Pair, sidecar: Sidecar) -> None:
    """All is written, and the failure was said once when it began and once when it ended."""
    sidecar.wait_for_line("Disk recovered")
    sidecar.wait_for_line("event 2000")
    assert len(sidecar.err) == 1
    assert sum("recovered" in line for line in sidecar.out) == 1
    [log] = pair.log_files()
    assert logs.messages(logs.read(log)) == [f"event {n}" for n in range(1, 2001)]


def test_a_file_in_place_of_the_audit_directory_is_waited_out(pair: Pair) -> None:
    pair.audit.write_bytes(b"a file\n")
    sidecar = pair.ready_sidecar()
    check_failing(pair, sidecar, "a file stands where the directory should be: move it away or set DATATOOLS_AUDIT_DIR")
    assert pair.audit.read_bytes() == b"a file\n"
    pair.audit.unlink()
    check_recovered(pair, sidecar)


@pytest.mark.parametrize("mode", [0o500, 0o000], ids=["unwritable", "unreadable"])
def test_an_audit_directory_without_permission_is_waited_out(pair: Pair, mode: int) -> None:
    pair.prefix = obeying()
    parent = pair.root / "theirs"
    pair.audit = parent / "logs"
    parent.mkdir(mode=mode)
    sidecar = pair.ready_sidecar()
    try:
        check_failing(pair, sidecar, "let this user read and write there")
    finally:
        parent.chmod(0o700)
    check_recovered(pair, sidecar)


@over_ipc
def test_what_the_sidecar_makes_is_for_its_user_alone(pair: Pair) -> None:
    before = os.umask(0)
    try:
        pair.ready_sidecar()
    finally:
        os.umask(before)
    producer = pair.producer()
    producer.ask("log", 1, 3)
    producer.wait_for_durable(3)
    made = [pair.audit, pair.run_dir, producer.log, pair.run_dir / "events", pair.run_dir / "lock"]
    assert [oct(path.stat().st_mode & 0o077) for path in made] == ["0o0"] * len(made)


def test_a_log_that_others_hold_is_named_and_waited_for(pair: Pair) -> None:
    """Two sidecars with run directories of their own and one audit directory never write one log."""
    first = pair.ready_sidecar()
    producer = pair.producer()
    producer.ask("log", 1, 3)
    producer.wait_for_durable(3)
    pair.run_dir = pair.root / "run2"
    second = pair.ready_sidecar()
    other = pair.producer()
    other.ask("log", 1, 3)
    other.wait_for_durable(3)
    assert (first.err, second.err) == ([], [])
    assert len(pair.log_files()) == 2
    for log in (producer.log, other.log):
        assert logs.closings(logs.read(log)) == []
