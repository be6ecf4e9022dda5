"""Only a log that is done with, and whole, is compressed."""

import fcntl
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from shared.naming import log_name
from sidecar.compress import DamagedError
from sidecar.compress.closed import StillOpenError
from tests.compress.logs import ELSEWHERE, closed, compress, compress_by_hand, in_parts, me, names, write
from tests.verify.logs import RUN, closing, event, opening, repair

PLAIN = log_name(RUN)

OPEN = {
    "no closing line": [opening(**ELSEWHERE), event(1)],
    "more behind it": [opening(**ELSEWHERE), event(1), closing(1), event(2)],
    "a repair behind it": [opening(**ELSEWHERE), event(1), closing(1), repair(1)],
    "nothing": [],
}


@pytest.mark.parametrize("name", OPEN)
def test_a_log_that_does_not_end_in_a_closing_line_is_left(tmp_path: Path, name: str) -> None:
    write(tmp_path, *OPEN[name])
    with pytest.raises(StillOpenError):
        compress(tmp_path)
    assert names(tmp_path) == [PLAIN]


def test_the_last_part_decides_whether_a_log_is_closed(tmp_path: Path) -> None:
    one, two, three = in_parts(tmp_path)
    three.write_bytes(three.read_bytes()[:-1])
    with pytest.raises(StillOpenError, match="does not end in a whole line"):
        compress(tmp_path)
    three.unlink()
    with pytest.raises(StillOpenError, match="last line does not close it"):
        compress(tmp_path)
    compress_by_hand(two)
    with pytest.raises(StillOpenError):
        compress(tmp_path)
    assert one.exists()


@pytest.mark.parametrize("damaged", [0, 1])
def test_a_damaged_log_stays_as_it_is(tmp_path: Path, damaged: int) -> None:
    paths = in_parts(tmp_path)
    compress_by_hand(paths[2])
    data = paths[damaged].read_bytes()
    paths[damaged].write_bytes(data.replace(b"Event number", b"Event Number", 1))
    before = names(tmp_path)
    with pytest.raises(DamagedError):
        compress(tmp_path)
    assert names(tmp_path) == before


def test_a_log_whose_process_runs_is_left(tmp_path: Path) -> None:
    closed(tmp_path, owner=me())
    with pytest.raises(StillOpenError, match=r"its process \(pid \d+\) still runs"):
        compress(tmp_path)
    assert names(tmp_path) == [PLAIN]


def test_a_log_whose_process_is_gone_is_compressed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        owner = {**me(), "pid": process.pid, "started": psutil.Process(process.pid).create_time()}
        path = closed(tmp_path, owner=owner)
        with pytest.raises(StillOpenError):
            compress(tmp_path)
    compress(tmp_path)
    assert not path.exists()


def test_a_log_whose_pid_was_given_to_another_process_is_compressed(tmp_path: Path) -> None:
    path = closed(tmp_path, owner={**me(), "started": 1_000_000_000.0})
    compress(tmp_path)
    assert not path.exists()


@pytest.mark.parametrize("held", [0, 1])
def test_a_log_that_another_process_holds_is_left(tmp_path: Path, held: int) -> None:
    paths = in_parts(tmp_path, last=2)
    with paths[held].open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(StillOpenError, match=f"another process holds {paths[held].name}"):
            compress(tmp_path)
    assert names(tmp_path) == sorted(path.name for path in paths)
    compress(tmp_path)
    assert not any(path.exists() for path in paths)


def test_a_log_that_does_not_say_whose_it_is_is_left(tmp_path: Path) -> None:
    write(tmp_path, event(1), closing(1))
    with pytest.raises(StillOpenError, match="does not say whose it is"):
        compress(tmp_path)
