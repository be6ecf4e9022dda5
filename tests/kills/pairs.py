"""Two of sidecar, GUI and keeper are killed in the same instant, while the sidecar is held at a step of an event's way."""

import os
import signal
import sys

from tests.kills.checking import check_flood, check_flood_until_killed
from tests.kills.leftovers import wait_until_nothing_is_left
from tests.kills.plans import Plan
from tests.support.processes import Pair, Process, Producer

STEPS = ["received", "admitted", "appended", "fsynced", "acknowledged"]


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


def sidecar_and_gui(pair: Pair, step: str) -> None:
    """The next sidecar closes the log."""
    trio = Trio(pair, step)
    trio.kill(trio.sidecar, trio.gui.pid)
    trio.gui.wait()
    pair.wait_for_closing(trio.gui.log)
    check_flood_until_killed(pair.audit, trio.gui.run, trio.gui_plan.acknowledged)
    trio.keeper.signal(signal.SIGTERM)
    assert trio.keeper.wait() == 0
    wait_until_nothing_is_left(pair)


def sidecar_and_keeper(pair: Pair, step: str) -> None:
    """The next keeper goes on at once, and the GUI loses nothing."""
    trio = Trio(pair, step)
    trio.kill(trio.sidecar, trio.keeper.pid)
    trio.keeper.wait()
    keeper = trio.start_keeper()
    logged = end(trio.gui)
    keeper.signal(signal.SIGTERM)
    assert keeper.wait() == 0
    wait_until_nothing_is_left(pair)
    check_flood(pair.audit, trio.gui.run, logged)


def gui_and_keeper(pair: Pair, step: str) -> None:
    """The sidecar, alone, writes what came, closes the log and ends."""
    trio = Trio(pair, step)
    trio.kill(trio.gui.pid, trio.keeper.pid)
    for each in (trio.gui, trio.keeper):
        each.wait()
    os.kill(trio.sidecar, signal.SIGCONT)
    wait_until_nothing_is_left(pair)
    check_flood_until_killed(pair.audit, trio.gui.run, trio.gui_plan.acknowledged)


def end(gui: Producer) -> list[int]:
    logged: list[int] = gui.ask("stop_flood")["logged"]
    assert gui.wait_for_durable(sum(logged))["lost"] == 0
    assert gui.end() == 0
    return logged


PAIRS = {"sidecar and GUI": sidecar_and_gui, "sidecar and keeper": sidecar_and_keeper, "GUI and keeper": gui_and_keeper}
