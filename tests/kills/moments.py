"""Sidecar, GUI and keeper are killed at random moments, alone and in pairs, and started again as people would."""

import contextlib
import os
import random
import signal
import threading
from collections import Counter
from dataclasses import dataclass, field

import psutil

from tests.kills.checking import check_flood, check_flood_until_killed, wait_until_closed
from tests.kills.leftovers import wait_until_nothing_is_left
from tests.kills.plans import Plan
from tests.support.processes import Pair, Process, Producer
from tests.support.waiting import until

# Who is killed, and how often of ten times.
VICTIMS = {
    ("sidecar",): 4, ("gui",): 1, ("keeper",): 1, ("sidecar", "gui"): 1, ("sidecar", "keeper"): 1, ("gui", "keeper"): 1,
    ("sidecar", "gui", "keeper"): 1,
}  # fmt: skip
LONGEST_LIFE_S = 0.8
# In each GUI.
THREADS, PER_SECOND = 2, 300
# What a GUI asked for gets in a run of many minutes.
LONG_S = 24 * 3600


@dataclass
class Gui:
    """A GUI-like process that logs all the time; its plan notes what it knows to be durable."""

    producer: Producer
    plan: Plan
    logged: list[int] = field(default_factory=list)


class World:
    """A keeper with its sidecar, a GUI that survives everything, and one that is killed and replaced."""

    def __init__(self, pair: Pair, chance: random.Random) -> None:
        self.pair = pair
        self.kills: Counter[tuple[str, ...]] = Counter()
        self.killed_guis: list[Gui] = []
        # Where to look at the logs.
        self.logs = pair.audit
        self._chance = chance
        self._plans = 0
        self.keeper = self.start_keeper()
        self.survivor = self.start_gui()
        self.gui = self.start_gui()

    def start_keeper(self) -> Process:
        return self.pair.python("-u", "-m", "shared.keeper")

    def start_gui(self) -> Gui:
        self._plans += 1
        plan = Plan(self.pair.root / f"gui-{self._plans}", "producer")
        gui = Gui(self.pair.producer(*plan.arguments[2:]), plan)
        gui.producer.ask("stay", LONG_S)
        gui.producer.ask("flood", THREADS, PER_SECOND, 0)
        return gui

    @property
    def sidecar(self) -> int | None:
        """The pid of the keeper's child, None while there is none."""
        children = psutil.Process(self.keeper.pid).children()
        return children[0].pid if children else None

    def live_a_moment(self) -> None:
        """Wait for a random moment, kill whoever's turn it is, and start again who is not started by the keeper."""
        (victims,) = self._chance.choices(list(VICTIMS), list(VICTIMS.values()))
        threading.Event().wait(self._chance.uniform(0.0, LONGEST_LIFE_S))
        self.kill(victims)
        self.kills[victims] += 1

    def kill(self, victims: tuple[str, ...]) -> None:
        """Kill these in one instant: they are stopped first, so that none sees the end of another."""
        if "sidecar" in victims:
            until(lambda: self.sidecar, "a sidecar")
        pids = {"sidecar": self.sidecar, "gui": self.gui.producer.pid, "keeper": self.keeper.pid}
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for victim in victims:
                # A sidecar may have ended by itself: its predecessor still held the lock.
                with contextlib.suppress(ProcessLookupError):
                    if (pid := pids[victim]) is not None:
                        os.kill(pid, number)
        if "keeper" in victims:
            self.keeper.wait()
            self.keeper = self.start_keeper()
        if "gui" in victims:
            self.gui.producer.wait()
            self.killed_guis.append(self.gui)
            self.gui = self.start_gui()

    def end(self) -> None:
        """Let everybody end in order, and check what is left and what is in the logs."""
        for gui in (self.survivor, self.gui):
            self.end_gui(gui)
        self.end_keeper()
        wait_until_nothing_is_left(self.pair)
        self.check_logs()

    def end_gui(self, gui: Gui) -> None:
        """All that it logged becomes durable, and it ends as a program does that has nothing more to do."""
        gui.logged = gui.producer.ask("stop_flood")["logged"]
        gui.producer.wait_for_durable(sum(gui.logged))
        assert gui.producer.end() == 0

    def end_keeper(self) -> None:
        """It ends with its sidecar, when all logs are closed."""
        for run in self.runs_with_a_log():
            wait_until_closed(self.logs, run)
        self.keeper.signal(signal.SIGTERM)
        assert self.keeper.wait() == 0, self.keeper.out

    def runs_with_a_log(self) -> set[str]:
        return {path.name.split(".")[0].removeprefix("datatools-") for path in self.logs.iterdir()}

    def check_logs(self) -> None:
        """Nothing is lost and nothing is there twice."""
        for gui in (self.survivor, self.gui):
            check_flood(self.logs, gui.producer.run, gui.logged)
        self.check_logs_of_killed()
        code, printed, complaints = self.pair.verify()
        assert code == 0, printed + complaints

    def check_logs_of_killed(self) -> None:
        """They hold what those GUIs knew to be durable."""
        with_a_log = self.runs_with_a_log()
        for gui in self.killed_guis:
            if gui.producer.run in with_a_log:
                check_flood_until_killed(self.logs, gui.producer.run, gui.plan.acknowledged)
            else:
                assert gui.plan.acknowledged == 0, f"the log of {gui.producer.run} is not there"


def live(pair: Pair, seed: int, moments: int) -> World:
    """A world in which as many moments passed, everything checked."""
    world = World(pair, random.Random(seed))  # noqa: S311 - not a secret
    for _ in range(moments):
        world.live_a_moment()
    world.end()
    return world
