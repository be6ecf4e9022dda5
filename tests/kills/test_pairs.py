"""Two of sidecar, GUI and keeper are killed in the same instant, while the sidecar is held at a step of an event's way."""

import os
import signal
import sys

import pytest

from tests.kills.checking import check_flood, check_flood_until_killed
from tests.kills.leftovers import wait_until_nothing_is_left
from tests.kills.plans import Plan
from tests.support.processes import Pair, Process, Producer


class Trio:
    """A keeper, its sidecar, which holds at `step`, and a GUI that logs; `gui_plan` keeps what the GUI knows acknowledged."""

    def __init__(self, pair: Pair, step: str) -> None:
        self.pair = pair
        self.plan = Plan(pair.root / "plan", "sidecar")
        self.gui_plan = Plan(pair.root / "gui", "producer")
        name = self.plan.stop(step, 8)
        self.keeper = self.start_keeper()
        self.gui = pair.producer(*self.gui_plan.arguments[2:])
        self.gui.ask("flood", 2, 200, 0)
        self.sidecar = self.plan.wait_struck(name)

    def start_keeper(self) -> Process:
        return self.pair.python("-m", "shared.keeper", "--", sys.executable, *self.plan.arguments)

    def kill(self, *pids: int) -> None:
        """One right behind the other; none of them gets to run in between, for they are stopped first."""
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in pids:
                os.kill(pid, number)


@pytest.mark.parametrize("step", ["appended"])
def test_sidecar_and_gui(pair: Pair, step: str) -> None:
    trio = Trio(pair, step)
    trio.kill(trio.sidecar, trio.gui.pid)
    trio.gui.wait()
    pair.wait_for_closing(trio.gui.log)
    check_flood_until_killed(pair.audit, trio.gui.run, trio.gui_plan.acknowledged)
    trio.keeper.signal(signal.SIGTERM)
    assert trio.keeper.wait() == 0
    wait_until_nothing_is_left(pair)


@pytest.mark.parametrize("step", ["fsynced"])
def test_sidecar_and_keeper(pair: Pair, step: str) -> None:
    trio = Trio(pair, step)
    trio.kill(trio.sidecar, trio.keeper.pid)
    trio.keeper.wait()
    keeper = trio.start_keeper()
    logged = end(trio.gui)
    keeper.signal(signal.SIGTERM)
    assert keeper.wait() == 0
    wait_until_nothing_is_left(pair)
    check_flood(pair.audit, trio.gui.run, logged)


@pytest.mark.parametrize("step", ["acknowledging"])
def test_gui_and_keeper(pair: Pair, step: str) -> None:
    trio = Trio(pair, step)
    trio.kill(trio.gui.pid, trio.keeper.pid)
    for each in (trio.gui, trio.keeper):
        each.wait()
    os.kill(trio.sidecar, signal.SIGCONT)
    # Alone, it writes what came, closes the run and ends.
    wait_until_nothing_is_left(pair)
    check_flood_until_killed(pair.audit, trio.gui.run, trio.gui_plan.acknowledged)


def end(gui: Producer) -> list[int]:
    logged: list[int] = gui.ask("stop_flood")["logged"]
    assert gui.wait_for_durable(sum(logged))["lost"] == 0
    assert gui.end() == 0
    return logged


@pytest.mark.parametrize("step", ["created", "half appended"])
def test_sidecar_and_gui_before_the_first_line_of_a_log_is_whole(pair: Pair, step: str) -> None:
    plan = Plan(pair.root / "plan", "sidecar")
    name = plan.stop(step)
    first, gui = pair.python(*plan.arguments), pair.producer()
    gui.ask("log", 1, 3)
    plan.wait_struck(name)
    for process in (gui, first):
        process.kill()
        process.wait()
    assert b"\n" not in gui.log.read_bytes()
    pair.ready_sidecar()
    # Nobody is left who could say what it was to hold; it is not left open for ever.
    closing = pair.wait_for_closing(gui.log)
    assert (closing["outcome"], closing["events"]) == ("vanished", 0)
    assert pair.verify()[0] == 0
