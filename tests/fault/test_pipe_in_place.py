"""A named pipe where a log or their directory should be: whoever opens one carelessly hangs. Nobody does."""

import json
import os
from pathlib import Path

from tests.conftest import pair
from tests.fault.hanging import LARGE_EVENT, SMALL_PARTS
from tests.support import logs
from tests.support.processes import Pair, Producer

__all__ = ["pair"]

OLD_RUN = "20261123T153000Z-a1b2c3d4"


class Pipe:
    """A named pipe at `path`, of which the kernel knows whether anybody has written into it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        os.mkfifo(path)
        self.path = path
        self._made = self._identity()

    def is_untouched(self) -> bool:
        return self._identity() == self._made

    def _identity(self) -> tuple[int, int, int]:
        found = self.path.lstat()
        return found.st_mode, found.st_ino, found.st_mtime_ns


def log_and_wait(producer: Producer, first: int, last: int, size: int = 0) -> None:
    # It answers: every call has returned.
    producer.ask("log", first, last, size)
    assert producer.wait_for_durable(last)["state"] == "recording"


def part(producer: Producer, number: int) -> Path:
    return producer.log.with_suffix(f".{number}.jsonl")


def records_in(log: Path) -> list[logs.Record]:
    return [json.loads(line) for line in log.read_bytes().splitlines()]


def numbers_in(log: Path) -> list[int]:
    return [event["n"] for event in logs.events(records_in(log))]


def check_that_verify_names(pair: Pair, pipe: Pipe) -> None:
    code, _, complaints = pair.verify()
    assert code == 2
    assert str(pipe.path) in complaints[0]


def test_a_pipe_that_was_there_before_the_log_is_left_alone(pair: Pair) -> None:
    producer = pair.producer()
    pipe = Pipe(producer.log)
    sidecar = pair.ready_sidecar()
    log_and_wait(producer, 1, 1000)
    assert numbers_in(part(producer, 2)) == list(range(1, 1001))
    assert logs.gaps(logs.read(part(producer, 2))) == []
    assert pipe.is_untouched()
    assert pipe.path.name in sidecar.wait_for_line("goes on in", err=True)


def test_a_pipe_in_the_place_of_the_open_log_is_left_alone_and_what_went_with_the_log_is_declared(pair: Pair) -> None:
    sidecar, producer = pair.ready_sidecar(), pair.producer()
    log_and_wait(producer, 1, 10)
    producer.log.unlink()
    pipe = Pipe(producer.log)
    log_and_wait(producer, 11, 1000)
    later = part(producer, 2)
    assert logs.gaps(records_in(later)) == [(1, 10, "acknowledged, then missing from the file")]
    assert numbers_in(later) == list(range(11, 1001))
    assert pipe.is_untouched()
    assert pipe.path.name in sidecar.wait_for_line("goes on in", err=True)
    code, printed, _ = pair.verify()
    assert (code, printed[1]) == (1, f"{later.name}: missing part: Part 1 is not here.")


def test_a_pipe_in_the_place_of_the_next_part_is_passed_over(pair: Pair) -> None:
    pair.prefix = SMALL_PARTS
    pair.ready_sidecar()
    producer = pair.producer()
    log_and_wait(producer, 1, 1, LARGE_EVENT)
    pipe = Pipe(part(producer, 2))
    log_and_wait(producer, 2, 2)
    assert numbers_in(producer.log) == [1]
    assert numbers_in(part(producer, 3)) == [2]
    assert pipe.is_untouched()


def test_a_pipe_in_the_place_of_an_old_log_holds_up_nobody(pair: Pair) -> None:
    pipe = Pipe(pair.audit / f"datatools-{OLD_RUN}.jsonl")
    sidecar, producer = pair.ready_sidecar(), pair.producer()
    log_and_wait(producer, 1, 1000)
    assert logs.messages(logs.read(producer.log)) == [f"event {n}" for n in range(1, 1001)]
    assert "Not a regular file" in sidecar.wait_for_line(f"The log of run {OLD_RUN} cannot be closed", err=True)
    assert pair.log_files() == [pipe.path, producer.log]
    assert pipe.is_untouched()
    check_that_verify_names(pair, pipe)


def test_a_pipe_in_the_place_of_the_directory_is_said_with_what_to_do_and_its_end_too(pair: Pair) -> None:
    pipe = Pipe(pair.audit)
    sidecar, producer = pair.ready_sidecar(), pair.producer()
    producer.ask("log", 1, 1000)
    status = producer.wait_for_state("failing")
    assert status["file"] == str(pipe.path)
    assert "move it away" in status["reason"]
    assert pipe.is_untouched()
    check_that_verify_names(pair, pipe)
    pipe.path.unlink()
    producer.wait_for_durable(1000)
    sidecar.wait_for_line("Disk recovered after")
    assert logs.messages(logs.read(producer.log)) == [f"event {n}" for n in range(1, 1001)]
    assert len([line for line in sidecar.err if line.startswith("Disk failing: ")]) == 1
