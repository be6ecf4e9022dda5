"""GUIs, a sidecar, the network between them and a disk, all of it drawn from one seed: trouble first, then peace, then the end."""

import os
from collections import Counter
from typing import TYPE_CHECKING

from shared.wire import UNKNOWN_RUN, Ack
from sidecar.listener import SEND_HIGH_WATER_MARK
from tests.fault.power_cut.forgetful import Fault, ForgetfulSystem
from tests.fault.power_cut.plan import chance
from tests.fault.power_cut.survival import Survival, Worst
from tests.fault.power_cut.world import AUDIT, HOME
from tests.simulation.clock import UP_S, Clock, Processes, installed
from tests.simulation.disk import DiskTrouble
from tests.simulation.ending import Ending
from tests.simulation.gui import Gui
from tests.simulation.network import Network
from tests.simulation.plan import MAX_GUIS, OF_THE_DISK, OF_THE_SIDECAR, Happening, draw_plan
from tests.simulation.promises import check_acknowledgement, check_durable, is_closed
from tests.simulation.sidecar import Sidecar, Tell

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar.run import Written

MAX_SIDECARS = 60
# Of the programs that close their trail, so many log again.
GOES_ON = 0.3


class World:
    """`live` is its life; `told` its history, if it is to be `traced`; `tally` what happened how often."""

    def __init__(self, seed: int, *, traced: bool = False) -> None:
        self.told: list[str] = []
        self.tally: Counter[str] = Counter()
        self.guis: list[Gui] = []
        self.sidecar: Sidecar | None = None
        self.reports: list[Written] = []
        self.power_cuts = 0
        self.random = chance(f"simulation {seed}")
        self.clock = Clock()
        self._plan = draw_plan(self.random)
        self._is_traced = traced
        self._processes = Processes()
        self._network = Network(self.clock, self.random, self._plan.latency_s, self.tally)
        self._disk = DiskTrouble(self.random, self._plan.call_s, self.tally)
        tell_of_disk: Tell = self._tell if traced else lambda _: None
        self._system = ForgetfulSystem(HOME, os.geteuid(), self._fate, Survival(self.random), tell_of_disk)
        self._ending = Ending(self)
        self._start_at = self.clock.now + self.random.random() * self._plan.start_s
        self._is_peace = self._is_over = False
        # Of each run, the greatest number that was said to be durable, and was.
        self._published: Counter[str] = Counter()

    @property
    def files(self) -> dict[str, bytes]:
        """The files in the audit directory."""
        return self._system.files(AUDIT)

    def live(self) -> None:
        """All of it. Afterwards the disk holds exactly what was fsynced. Raises AssertionError for a broken promise."""
        with installed(self.clock, self._processes, lambda: f"{self.tally['sidecars']:08x}", self._plan.held_bytes):
            for _ in range(self._plan.guis):
                self._come()
            for happening in self._plan.happenings:
                self.clock.after(happening.at, lambda each=happening: self._happen(each))  # type: ignore[misc]
            self.clock.after(self._plan.trouble_s, self._make_peace)
            while not self._is_over:
                self.clock.run(self._start_at, lambda: False)
                self._serve()

    def _tell(self, text: str) -> None:
        if self._is_traced:
            self.told.append(f"{self.clock.now - UP_S:9.3f} {text}")

    def _serve(self) -> None:
        """The life of one sidecar."""
        self.tally["sidecars"] += 1
        assert self.tally["sidecars"] < MAX_SIDECARS, "no sidecar closes the logs"
        sidecar = self.sidecar = Sidecar(self._plan, self._network, self._system, self._tell, self._check_published)
        is_ended = sidecar.live()
        self.sidecar = None
        self.reports += sidecar.reports
        if is_ended and not sidecar.is_refused:
            sidecar.received.check_end()
        for gui in self.guis:
            self.clock.after(self.random.random() * self._plan.latency_s, gui.sockets.notice)
        if sidecar.power_is_cut:
            self._suffer_power_cut()
        else:
            self._system.end_process()
        self._start_at = self.clock.now + self.random.choice((0.0, 0.2, 0.5, 1.5)) * self.random.random()
        if self._ending.is_last:
            assert is_ended, "the last sidecar does not end"
            assert not sidecar.left_behind, f"{sidecar.left_behind} events are left behind"
            self._end()

    def _end(self) -> None:
        self._tell("The power is cut, and everything that was not fsynced is lost")
        self._system.cut_power(Worst())
        # What could not be closed while there was trouble, or not durably, is closed by the next one.
        self._is_over = all(is_closed(gui.run, self.files) for gui in self.guis)
        if not self._is_over:
            self.tally["logs left to the next sidecar"] += 1
            self._ending.await_closed(self._start_at)

    def _suffer_power_cut(self) -> None:
        self.power_cuts += 1
        # The disk alone, on a cable or a network, or the machine.
        is_machine = self.random.random() < 0.5
        for gui in self.guis:
            if is_machine or self.random.random() < 0.2:
                gui.die()
        self._system.cut_power()
        if is_machine:
            self._come()

    def _come(self) -> None:
        if len(self.guis) < MAX_GUIS:
            gui = Gui(len(self.guis), self._plan, self._network, self._processes, self._tell, self._check_heard)
            self.guis.append(gui)
            gui.log(self.random.randint(1, 4))

    # Trouble.

    def _happen(self, happening: Happening) -> None:
        if self._is_peace:
            return
        _, what, number, amount = happening
        self._tell(f"It happens: {what} ({amount:.2f})")
        gui = self.guis[number % len(self.guis)]
        if what == "come":
            self._come()
        elif what in OF_THE_DISK or what.endswith("at a change"):
            self._disk.begin(what, amount, self.clock.now)
        elif what in OF_THE_SIDECAR:
            if self.sidecar is not None:
                self.tally[what] += 1
                self._trouble_sidecar(self.sidecar, what, amount)
        elif gui.is_alive:
            self.tally[what] += 1
            self._trouble_gui(gui, what, amount)

    def _trouble_gui(self, gui: Gui, what: str, amount: float) -> None:
        acts: dict[str, Callable[[], object]] = {
            "log": lambda: gui.log(1 + int(amount * 5)),
            "flood": lambda: gui.log(min(self._plan.capacity, 60) + int(amount * 10)),
            "poison": lambda: gui.log(1, poison=True),
            "unwritable": lambda: gui.log(1, unwritable=True),
            "flush": lambda: gui.flush(amount),
            "slow": lambda: gui.be_slow(amount * 2),
            "reconnect": gui.reconnect,
            "cut": gui.sockets.lose_push,
            "deafen": gui.sockets.lose_sub,
            "die": gui.die,
            "leave": lambda: gui.leave(goes_on=amount < GOES_ON),
        }
        acts[what]()

    def _trouble_sidecar(self, sidecar: Sidecar, what: str, amount: float) -> None:
        acts: dict[str, Callable[[], object]] = {
            "kill": sidecar.kill,
            "pause": lambda: sidecar.pause(amount * 2),
            "stop": sidecar.stop,
            "cut the power": lambda: sidecar.kill(cut_power=True),
        }
        acts[what]()

    def _fate(self, _number: int, operation: str) -> Fault:
        """What becomes of a call to the disk, and of the process in it."""
        sidecar, disk = self.sidecar, self._disk
        assert sidecar is not None
        seconds, fault = disk.seconds(), disk.fault(operation, self.clock.now)
        if ends := disk.end_at(operation):
            seconds = 0.0
            sidecar.kill(cut_power=ends.startswith("cut"))
        if (seconds or ends) and not sidecar.call(seconds):
            self.tally["killed in a call"] += not ends
            return disk.end_of_process(operation, seconds, power=sidecar.power_is_cut)
        return fault

    def _make_peace(self) -> None:
        self._tell("From here on nothing goes wrong")
        self._is_peace = True
        self._disk.end()
        self._network.make_room(SEND_HIGH_WATER_MARK)
        if self.sidecar is not None:
            self.sidecar.resume()
        for gui in self.guis:
            gui.be_slow(0.0)
            if gui.is_alive:
                gui.log(1)
        self._ending.begin()

    # What is watched.

    def _check_published(self, ack: Ack) -> None:
        self.tally["acknowledgements"] += 1
        self.tally["asks"] += ack.wanted > 0
        self.tally["answers to strangers"] += ack.part == UNKNOWN_RUN
        if ack.part != UNKNOWN_RUN:
            check_durable(self._system, ack)
            self._published[ack.run] = max(self._published[ack.run], ack.durable)

    def _check_heard(self, gui: Gui) -> None:
        check_acknowledgement(gui, self._published[gui.run])
