"""The GUIs of a life and what they do, step by step; what they send is what the sidecar takes next."""

from collections.abc import Callable, Sequence
from random import Random

from sidecar.run import Written
from tests.fault.power_cut.gui import Gui
from tests.fault.power_cut.plan import Plan, Step

RUNS = ("20261123T153000Z-a1b2c3d4", "20261123T160000Z-0badcafe")
# Turns at the end without frames, in which the sidecar finds out that all of them are gone.
QUIET_TURNS = 3
# Steps that may still be taken after a crash.
AFTERWARDS = 3


class Guis:
    """`all` of them, dead or alive. `tell` hears what they do."""

    def __init__(self, plan: Plan, tell: Callable[[str], None]) -> None:
        self.all = [Gui(run, plan.capacity) for run in RUNS]
        self._steps = list(plan.steps)
        self._tell = tell
        self._heard = 0
        self._late_turns = 0
        self._quiet_turns = 0

    @property
    def are_done(self) -> bool:
        """Whether nothing will come from them any more."""
        return not self._steps and not self._living

    @property
    def _living(self) -> list[Gui]:
        return [gui for gui in self.all if gui.is_alive]

    def meet_sidecar(self, *, late: bool) -> None:
        """A new one is there. When they are `late`, it looks at the logs that it finds before it hears of them."""
        for gui in self._living:
            gui.greet()
        self._late_turns = 3 if late else 0
        self._quiet_turns = 0

    def hear(self, reports: Sequence[Written]) -> None:
        """Of all reports so far, they get those that they have not got yet."""
        for ack in (written.ack for written in reports[self._heard :]):
            for gui in self._living:
                if gui.run == ack.run:
                    gui.hear(ack)
        self.miss(reports)

    def miss(self, reports: Sequence[Written]) -> None:
        """What is on its way never arrives."""
        self._heard = len(reports)

    def suffer(self, random: Random, share: float) -> None:
        """A crash: each is killed, too, with this probability, and little is done afterwards."""
        for gui in self._living:
            if random.random() < share:
                self._kill(gui)
        del self._steps[: max(len(self._steps) - random.randint(0, AFTERWARDS), 0)]

    def next_batch(self) -> list[bytes] | None:
        """What they send now; None: somebody tells the sidecar to end."""
        if self._late_turns:
            self._late_turns -= 1
            return []
        step = self._steps.pop(0) if self._steps else self._last_step()
        if step.act == "stop":
            self._tell("The sidecar is told to end")
            return None
        gui = self.all[step.gui]
        if not gui.is_alive:
            return self._frames()
        if step.act == "vanish":
            self._kill(gui)
        if step.act == "log":
            gui.log(step.sizes)
            self._tell(f"     the GUI of {gui.run[-8:]} logs up to {gui.outbox.last}")
        frames = self._frames()
        if step.act == "leave":
            frames += gui.leave()
            self._tell(f"     the GUI of {gui.run[-8:]} says goodbye")
        return frames

    def _frames(self) -> list[bytes]:
        return [frame for gui in self._living for frame in gui.frames()]

    def _last_step(self) -> Step:
        for number, gui in enumerate(self.all):
            if gui.is_alive:
                return Step("leave" if gui.is_settled else "rest", number)
        self._quiet_turns += 1
        return Step("rest" if self._quiet_turns <= QUIET_TURNS else "stop")

    def _kill(self, gui: Gui) -> None:
        self._tell(f"     the GUI of {gui.run[-8:]} is killed")
        gui.vanish()
