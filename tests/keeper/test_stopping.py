import signal
from collections.abc import Callable
from time import monotonic

import psutil
import pytest

from shared.keeper import has_left
from tests.keeper.running import Kept, until

Keep = Callable[..., Kept]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_asks_the_child_once_and_waits_for_it(keep: Keep, number: signal.Signals) -> None:
    kept = keep("lingers")
    kept.wait_for_ready()
    kept.signal(number)
    kept.wait_for_diary("asked")
    assert kept.process.poll() is None
    kept.open("exit")
    assert kept.wait() == 0
    assert kept.diary().count("asked") == 1
    assert len(kept.pids()) == 1


def test_a_second_signal_is_passed_on(keep: Keep) -> None:
    kept = keep("lingers")
    kept.wait_for_ready()
    kept.signal()
    kept.wait_for_diary("asked")
    kept.signal()
    kept.wait_for_diary("asked", 2)
    kept.open("exit")
    assert kept.wait() == 0
    assert kept.diary().count("asked") == 2


def test_a_child_that_is_starting_is_asked_when_it_is_ready(keep: Keep) -> None:
    kept = keep("gate")
    kept.wait_for_diary("start")
    kept.signal()
    kept.open("gate")
    assert kept.wait() == 0
    assert kept.diary()[1:] == ["ready", "asked"]


def test_a_child_asked_by_a_second_signal_is_not_asked_again_when_it_is_ready(keep: Keep) -> None:
    kept = keep("gate", "lingers")
    kept.wait_for_diary("start")
    # Two numbers, because the kernel delivers a number that is already pending only once.
    kept.signal(signal.SIGTERM)
    kept.signal(signal.SIGINT)
    kept.wait_for_diary("asked")
    kept.open("gate")
    kept.wait_for_ready()
    kept.open("exit")
    assert kept.wait() == 0
    assert kept.diary()[1:] == ["asked", "ready"]


def test_between_two_lives_the_child_is_started_at_once_and_asked_when_it_is_ready(keep: Keep) -> None:
    kept = keep("dies=1,2,3,4")
    kept.wait_for_line("starting again in 2 s")
    asked_at = monotonic()
    kept.signal()
    assert kept.wait() == 0
    assert monotonic() - asked_at < 2
    assert len(kept.pids()) == 5
    assert kept.diary()[-1] == "asked"


def test_a_child_that_dies_while_it_starts_for_the_end_is_started_again(keep: Keep) -> None:
    kept = keep("gate")
    kept.wait_for_diary("start")
    kept.signal()
    kept.kill_child(kept.pids()[0])
    kept.open("gate")
    assert kept.wait() == 0
    assert len(kept.pids()) == 2
    assert kept.diary()[-1] == "asked"


def test_a_child_killed_in_the_instant_of_the_signal_is_started_again_to_drain(keep: Keep) -> None:
    kept = keep()
    kept.wait_for_ready()
    kept.kill_child(kept.pids()[0])
    kept.signal()
    assert kept.wait() == 0
    assert len(kept.pids()) == 2
    assert kept.diary()[-1] == "asked"


def test_a_child_killed_while_it_drains_is_started_again_to_drain(keep: Keep) -> None:
    kept = keep("lingers")
    kept.wait_for_ready()
    kept.signal()
    kept.wait_for_diary("asked")
    kept.kill_child(kept.pids()[0])
    kept.open("exit")
    assert kept.wait() == 0
    assert len(kept.pids()) == 2
    assert kept.diary()[-1] == "asked"


@pytest.mark.parametrize(
    ("asked", "code", "left"),
    [(0, 0, False), (1, 0, True), (1, 1, True), (1, -15, True), (1, -9, False), (1, -11, False), (2, -9, True)],
)
def test_only_a_child_that_was_asked_and_not_cut_short_has_left(asked: int, code: int, *, left: bool) -> None:
    assert has_left(asked, code) is left


@pytest.mark.parametrize(
    "word", ["gate", *(pytest.param(each, marks=pytest.mark.long) for each in ("deaf", "stopped"))]
)
def test_the_keeper_leaves_after_four_seconds_whatever_the_child_does(keep: Keep, word: str) -> None:
    kept = keep(word)
    kept.wait_for_diary("start" if word == "gate" else "ready")
    (pid,) = kept.pids()
    asked_at = monotonic()
    kept.signal()
    assert kept.wait() == 1
    # The keeper's part is 4 s; the rest is for a busy machine.
    assert 3 < monotonic() - asked_at < 5
    assert kept.keeper_said()[-1] == f"keeper: pid {pid} has not ended in time; killing it"
    until(lambda: is_gone(pid), lambda: f"waited for the end of {pid}")


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_child_that_cannot_start_does_not_hold_up_the_end(keep: Keep) -> None:
    kept = keep("dies=" + ",".join(map(str, range(1, 100))))
    kept.wait_for_line("starting again")
    kept.signal()
    asked_at = monotonic()
    kept.wait_for_line("told to stop")
    kept.wait_for_line("starting again in 1 s")
    kept.signal()
    assert kept.wait() == 1
    assert monotonic() - asked_at < 4
