"""A machine: its forgetful disk, and one sidecar after the other, whose process ends when it is told to."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from sidecar.disk import Disk
from sidecar.limits import Limits
from sidecar.run import Written
from sidecar.writer import Writer
from tests.fault.power_cut.forgetful import NOBODY, WORKS, Fault, ForgetfulSystem, ProcessEndedError
from tests.fault.power_cut.guis import Guis
from tests.fault.power_cut.plan import CHANGES, Moment, Plan, chance, draw_fault, draw_moment
from tests.fault.power_cut.script import Script
from tests.fault.power_cut.survival import Survival, Worst

HOME = Path("/home/user")
AUDIT = HOME / ".datatools/logs"
MAX_CRASHES = 4
# The GUI of a disk that hangs on a network or a cable may survive what the disk does not.
GUI_DIES = {True: 0.5, False: 0.15}

MakeDisk = Callable[[ForgetfulSystem], Disk]


class Crash(NamedTuple):
    """The process ends `when`, and with it the `power`. What comes of it is drawn from `seed`."""

    when: Moment
    power: bool
    seed: str


class Aftermath(NamedTuple):
    """What a crash left on the disk, how many reports there had been, and whether the disk works from then on."""

    files: dict[str, bytes]
    power: bool
    reports: int
    disk_works: bool


class World:
    """Lives the `plan`, through the `crash` if there is one, to its end; `told` is what happened.

    `unsettled` are the operations at which a power cut would take something away; only of a life without a crash.
    """

    def __init__(self, plan: Plan, crash: Crash | None = None, make_disk: MakeDisk | None = None) -> None:
        self.told: list[str] = []
        self.guis = Guis(plan, self.told.append)
        self.reports: list[Written] = []
        self.crashes = 0
        self.aftermaths: list[Aftermath] = []
        self.unsettled: set[int] = set()
        self.system = ForgetfulSystem(
            HOME, os.geteuid() if plan.at_home else NOBODY, self._fate, Survival(chance(plan.seed)), self.told.append
        )  # fmt: skip
        self._make_disk = make_disk or (lambda system: Disk(system=system))
        self._plan = plan
        self._crash = crash
        self._is_surveyed = crash is None
        self._faults = list(plan.faults)
        self._random = chance(plan.seed)
        self._sidecars = 0

    @property
    def files(self) -> dict[str, bytes]:
        """The files in the audit directory."""
        return self.system.files(AUDIT)

    def live(self) -> None:
        """All of it. Afterwards the disk holds exactly what was fsynced."""
        while not self._serve():
            pass
        is_done = False
        while not is_done:
            # What the one before could not close, or had not fsynced, is closed by the next, on a disk that works.
            self._lose_everything()
            is_done = self._serve()
        self._lose_everything()

    def _serve(self) -> bool:
        """The life of one sidecar. Returns whether nothing is left to do."""
        self._sidecars += 1
        self.told.append(f"Sidecar {self._sidecars} starts")
        self.guis.meet_sidecar(late=self._random.random() < 0.25)
        script = Script(self._next_batch, lambda: self.guis.are_done)
        writer = Writer(
            script, self._make_disk(self.system), AUDIT, f"{self._sidecars:08x}", self._take_report, self._take_complaint,
            Limits(self._plan.part_bytes),
        )  # fmt: skip
        try:
            script.serve(writer)
        except ProcessEndedError:
            self._die()
            return False
        self.guis.hear(self.reports)
        self.system.end_process()
        return self.guis.are_done

    def _next_batch(self) -> list[bytes] | None:
        self.guis.hear(self.reports)
        return self.guis.next_batch()

    def _take_report(self, written: Written) -> None:
        ack = written.ack
        self.told.append(f"     acknowledged: {ack.durable} of {ack.run[-8:]}, wanted: {ack.wanted}")
        self.reports.append(written)

    def _take_complaint(self, text: str) -> None:
        self.told.append(f"     said: {text}")

    # The end of a process.

    def _fate(self, number: int, operation: str) -> Fault:
        if self._is_surveyed and (operation in CHANGES or not self.system.is_settled):
            self.unsettled.add(number)
        if self._crash and self._crash.when.has_come(number, operation):
            random = chance(f"{self._crash.seed} {number}")
            share = random.choice((0.0, 1.0, random.random() if operation == "write" else 1.0))
            return Fault(share=share, ends=True)
        due = next((moment for moment in self._faults if moment.has_come(number, operation)), None)
        if due is None:
            return WORKS
        self._faults.remove(due)
        return draw_fault(chance(f"{self._plan.seed} {number}"), operation)

    def _die(self) -> None:
        assert self._crash is not None
        self.crashes += 1
        power, self._random = self._crash.power, chance(self._crash.seed)
        self.told.append("The power is cut" if power else "The process is killed")
        if self._random.random() < 0.5:
            self.guis.hear(self.reports)
        self.guis.miss(self.reports)
        self.system.survival = Survival(self._random)
        if power:
            self.system.cut_power()
        else:
            self.system.end_process()
        self.guis.suffer(self._random, GUI_DIES[power])
        self._plan_aftermath()
        self._note_aftermath(power=power)

    def _plan_aftermath(self) -> None:
        random, here = self._random, self.system.operations
        self._faults = [draw_moment(random, here, 60) for _ in range(random.choice((0, 0, 0, 1, 2)))]
        again = self.crashes < MAX_CRASHES and random.random() < 0.5
        self._crash = (
            Crash(draw_moment(random, here, 70), random.random() < 0.7, f"{random.random()}") if again else None
        )

    def _lose_everything(self) -> None:
        self.told.append("The power is cut, and everything that was not fsynced is lost")
        self.system.cut_power(Worst())
        self._faults.clear()
        self._note_aftermath(power=True)

    def _note_aftermath(self, *, power: bool) -> None:
        self.aftermaths.append(Aftermath(self.files, power, len(self.reports), disk_works=not self._faults))
