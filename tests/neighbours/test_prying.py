"""Another user tries to connect, to read, to list and to change what belongs to a running pair; and runs the commands on it."""

import os
import stat

import pytest

from tests.neighbours.machine import User
from tests.neighbours.prying import WAYS
from tests.neighbours.users import ANNA, BERT
from tests.support.processes import Producer

SOCKETS = ("events", "acks", "ask")


def check_nothing_worked(ended: list[str], paths: int) -> None:
    assert len(ended) == paths * len(WAYS)
    assert [line for line in ended if line.endswith(": done")] == []
    assert f"connect {SOCKETS[0]}: PermissionError" in ended


def recording(user: User) -> Producer:
    """A pair that records, started by a shell whose files are everybody's."""
    before = os.umask(0)
    try:
        user.ready_sidecar()
        producer = user.producer()
    finally:
        os.umask(before)
    producer.ask("log", 1, 10)
    producer.wait_for_durable(10)
    return producer


def test_another_user_gets_at_nothing_of_a_running_pair(anna: User, bert: User) -> None:
    # So that only what the pair makes stands between them.
    anna.root.chmod(0o755)
    producer = recording(anna)
    theirs = [anna.audit, producer.log, anna.run_dir, anna.run_dir / "lock", *(anna.run_dir / name for name in SOCKETS)]
    assert all(path.exists() for path in theirs)
    check_nothing_worked(bert.try_at(*theirs), len(theirs))
    # It goes on as if nothing had been.
    producer.ask("log", 11, 20)
    producer.wait_for_durable(20)


def test_where_others_may_look_they_cannot_connect_read_or_change(anna: User, bert: User) -> None:
    """Directories that were there before, open to be looked at."""
    anna.choose(anna.root / "run")
    for directory in (anna.root, anna.audit, anna.run_dir):
        anna.do("mkdir", "-p", "-m", "755", str(directory))
        directory.chmod(0o755)
    producer = recording(anna)
    paths = [producer.log, anna.run_dir / "lock", *(anna.run_dir / name for name in SOCKETS)]
    check_nothing_worked(bert.try_at(*paths), len(paths))
    assert stat.S_IMODE(producer.log.stat().st_mode) == 0o600


def test_commands_on_what_belongs_to_another_user_say_so(anna: User, bert: User) -> None:
    anna.root.chmod(0o755)
    anna.do("mkdir", "-m", "700", str(anna.audit))
    bert.choose(anna.root / "run")
    bert.audit = anna.audit
    not_yours = f"{anna.root} belongs to another user. Set DATATOOLS_RUN_DIR to a directory of yours."
    denied = f"{anna.audit}: Permission denied"
    expected = {
        "serve": (1, not_yours),
        "status": (1, not_yours),
        "tail": (1, not_yours),
        "verify": (2, f"cannot verify {denied}"),
        "query": (2, f"cannot read {denied}"),
        "compress": (2, f"cannot compress {denied}"),
    }
    started = {command: bert.python("-m", "sidecar", command) for command in expected}
    for command, (code, words) in expected.items():
        process = started[command]
        assert process.wait() == code, process.err
        assert words in "\n".join(process.err)
        assert not any("Traceback" in line for line in process.err)


AUDIT_DIRECTORIES = {
    "of another user": (BERT, 0o777, "belongs to another user"),
    "that others can write to": (ANNA, 0o777, "can be written to by other users"),
}


@pytest.mark.parametrize(("owner", "mode", "words"), AUDIT_DIRECTORIES.values(), ids=AUDIT_DIRECTORIES.keys())
def test_an_audit_directory_in_which_others_can_delete_is_said_once_and_used(
    anna: User, bert: User, owner: int, mode: int, words: str
) -> None:
    anna.root.chmod(0o755)
    anna.audit.mkdir()
    anna.audit.chmod(mode)
    os.chown(anna.audit, owner, owner)
    sidecar = anna.ready_sidecar()
    line = sidecar.wait_for_line(words, err=True)
    assert str(anna.audit) in line
    producer = anna.producer()
    producer.ask("log", 1, 10)
    producer.wait_for_durable(10)
    assert len(sidecar.err) == 1
    assert f"read {producer.log.name}: PermissionError" in bert.try_at(producer.log)
