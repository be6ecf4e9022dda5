"""Somebody cleans up the place where a running pair meets: the directory, a socket, or the lock that keeps a second sidecar away."""

import shutil
import signal
from pathlib import Path

import pytest

from tests.support import logs
from tests.support.processes import Pair, Producer
from tests.support.transports import over_ipc
from tests.support.waiting import until

pytestmark = pytest.mark.long


def delete(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def check_each_once(pair: Pair, producer: Producer, logged: int) -> None:
    producer.wait_for_durable(logged)
    assert producer.end() == 0
    assert pair.wait_for_closing(producer.log)["outcome"] == "clean"
    records = logs.read(producer.log)
    assert logs.gaps(records) == []
    assert [event["n"] for event in logs.events(records)] == list(range(1, logged + 1))
    assert pair.log_files() == [producer.log]


@over_ipc
def test_whatever_is_deleted_of_the_run_directory_the_next_sidecar_makes_again_and_nothing_is_lost(pair: Pair) -> None:
    keeper = pair.python("-u", "-m", "shared.keeper")
    producer = pair.producer()
    producer.ask("flood", 1, 300, 0)
    parts = [pair.run_dir, pair.run_dir / "events", pair.run_dir / "lock"]
    for number, path in enumerate(parts, 1):
        until(lambda: sum("Sidecar ready" in line for line in keeper.out) == number, lambda: f"{number}: {keeper.out}")  # noqa: B023
        durable = producer.status()["durable"]
        until(lambda: producer.status()["durable"] > durable, "events on disk")  # noqa: B023
        delete(path)
    until(lambda: sum("Sidecar ready" in line for line in keeper.out) == len(parts) + 1, lambda: f"{keeper.out}")
    [logged] = producer.ask("stop_flood")["logged"]
    check_each_once(pair, producer, logged)
    said = [line for line in keeper.out if "deleted" in line]
    # All of a directory goes piece by piece.
    assert said[0].startswith(f"{pair.run_dir}/")
    assert said[1:] == [f"{path} was deleted. Ending, so that the next sidecar can be found." for path in parts[1:]]


def test_of_two_sidecars_that_a_deleted_lock_lets_run_the_first_leaves_and_never_both_write(pair: Pair) -> None:
    first = pair.ready_sidecar()
    producer = pair.producer()
    producer.ask("log", 1, 100)
    producer.wait_for_durable(100)
    # So that it cannot notice before the second is there.
    first.signal(signal.SIGSTOP)
    delete(pair.run_dir / "lock")
    second = pair.ready_sidecar()
    producer.ask("log", 101, 200)
    first.signal(signal.SIGCONT)
    assert first.wait() == 1
    assert len(first.err) == 1
    assert "Ending, so that the next sidecar can be found." in first.err[0]
    producer.ask("log", 201, 300)
    producer.wait_for_durable(300)
    # The first one's end took nothing away from the second.
    assert pair.run("-m", "sidecar", "status")[0] == 0
    assert second.popen.poll() is None
    check_each_once(pair, producer, 300)
    assert pair.verify()[0] == 0
