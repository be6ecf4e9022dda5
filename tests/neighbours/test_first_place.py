"""Another user was first: he put something of his in the place where GUI and sidecar would meet."""

import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.neighbours.machine import Machine, User
from tests.support import logs
from tests.support.processes import Process, Producer
from tests.support.waiting import until

pytestmark = pytest.mark.long

THEIRS = "belongs to another user. Set DATATOOLS_RUN_DIR to a directory of yours."


def wait_for_reason(producer: Producer, words: str) -> None:
    found: list[str] = []

    def is_said() -> bool:
        status = producer.status()
        found[:] = [str(status["reason"])]
        return (words in found[0] if words else not found[0]) and status["state"] == "absent"

    until(is_said, lambda: f"{words!r}; it said {found}")


def check_prepare_refuses(user: User, words: str) -> None:
    code, _, [line] = user.run("-c", PREPARE, str(user.run_dir))
    assert code == 1
    assert words in line


def check_refused(user: User, words: str) -> None:
    """A sidecar ends with one clear line."""
    code, printed, complaints = user.run("-m", "sidecar")
    assert (code, printed) == (1, [])
    [line] = complaints
    assert words in line


def make_directory(bert: User, place: Path) -> Process:
    bert.do("mkdir", "-m", "777", str(place))
    return bert.spy(place)


def link_to_a_directory_of_his(bert: User, place: Path) -> Process:
    (bert.root / "his").mkdir(exist_ok=True)
    bert.root.chmod(0o755)
    (bert.root / "his").chmod(0o777)
    bert.do("ln", "-s", str(bert.root / "his"), str(place))
    return bert.spy(bert.root / "his")


# What a sidecar does first, without the half second that a whole one takes to begin.
PREPARE = """
import pathlib, sys
from shared import errors, rundir
try:
    rundir.prepare(pathlib.Path(sys.argv[1]))
except errors.SettingsError as error:
    sys.exit(str(error))
"""

OBSTACLES: dict[str, Callable[[User, Path], Process | None]] = {
    "a directory": make_directory,
    "a link to a directory of his": link_to_a_directory_of_his,
    "a file": lambda bert, place: bert.do("touch", str(place)),
    "a pipe": lambda bert, place: bert.do("mkfifo", "-m", "666", str(place)),
}


def clear(place: Path) -> None:
    shutil.rmtree(place) if place.is_dir() and not place.is_symlink() else place.unlink()


@pytest.mark.parametrize("depth", [0, 1], ids=["the very path", "the directory above"])
def test_whatever_another_user_puts_in_first_place_is_said_and_gets_no_event(
    anna: User, bert: User, depth: int
) -> None:
    if depth == 0:
        anna.choose(anna.temp / "run")
    place = [anna.run_dir, anna.run_dir.parent][depth]
    producer = anna.producer()
    events = 0
    for obstacle in OBSTACLES.values():
        spy = obstacle(bert, place)
        producer.ask("log", events + 1, events + 10)
        events += 10
        wait_for_reason(producer, f"{place} belongs to another user")
        check_prepare_refuses(anna, f"{place} {THEIRS}")
        assert spy is None or spy.out == ["listening"]
        if spy is not None:
            spy.close()
        clear(place)
        wait_for_reason(producer, "")
    anna.ready_sidecar()
    producer.wait_for_durable(events)
    assert logs.messages(logs.read(producer.log)) == [f"event {n}" for n in range(1, events + 1)]


def test_a_link_of_another_user_to_a_directory_of_ones_own_is_not_followed(anna: User, bert: User) -> None:
    own = anna.root / "own"
    anna.do("mkdir", "-m", "700", str(own))
    bert.do("ln", "-s", str(own), str(anna.run_dir.parent))
    check_refused(anna, f"{anna.run_dir.parent} {THEIRS}")
    assert list(own.iterdir()) == []


def test_a_directory_that_another_user_makes_when_the_first_was_cleaned_away_gets_no_event(
    anna: User, bert: User
) -> None:
    """ZeroMQ connects again by itself, while Python has no moment to look where."""
    sidecar = anna.ready_sidecar()
    producer = anna.producer()
    producer.ask("log", 1, 10)
    producer.wait_for_durable(10)
    place, his = anna.run_dir.parent, anna.temp / "his"
    bert.do("mkdir", "-m", "777", str(his), str(his / anna.run_dir.name))
    spy = bert.spy(his / anna.run_dir.name)
    # So that it cannot notice.
    sidecar.signal(signal.SIGSTOP)
    place.rename(anna.temp / "cleaned away")
    his.rename(place)
    producer.ask("hold_gil", 1.0)
    sidecar.kill()
    sidecar.wait()
    assert producer.answer() == {}
    producer.ask("log", 11, 20)
    wait_for_reason(producer, f"{place} {THEIRS}")
    check_refused(anna, f"{place} {THEIRS}")
    assert spy.out == ["listening"]
    clear(place)
    anna.ready_sidecar()
    producer.wait_for_durable(20)
    assert logs.gaps(logs.read(producer.log)) == []


def test_sockets_that_another_user_left_while_he_could_are_not_connected_to(anna: User, bert: User) -> None:
    anna.choose(anna.temp / "run")
    anna.do("mkdir", "-m", "777", str(anna.run_dir))
    spy = bert.spy(anna.run_dir)
    producer = anna.producer()
    producer.ask("log", 1, 10)
    open_to_others = f"Other users can write to {anna.run_dir}. Run: chmod go-w {anna.run_dir}"
    wait_for_reason(producer, open_to_others)
    check_refused(anna, open_to_others)
    anna.do("chmod", "go-w", str(anna.run_dir))
    left = f"{anna.run_dir}/events belongs to another user. Remove {anna.run_dir}; it is made again."
    wait_for_reason(producer, left)
    check_refused(anna, left)
    assert spy.out == ["listening"]
    assert producer.status()["pending"] == 10


def test_where_others_could_move_the_run_directory_away_it_is_refused(machine: Machine, anna: User, bert: User) -> None:
    anna.do("mkdir", "-p", "-m", "700", str(anna.run_dir))
    machine.temp.chmod(0o777)
    producer = anna.producer()
    producer.ask("log", 1, 10)
    movable = f"Other users can write to {machine.temp} and put a directory of theirs in the place of {anna.run_dir}."
    wait_for_reason(producer, movable)
    check_refused(anna, movable)
    # So they can.
    bert.do("mv", str(anna.run_dir.parent), str(machine.temp / "moved"))
    assert producer.status()["pending"] == 10
