"""Behind the trouble: everything becomes durable, then it is quiet, then all leave and their logs are closed."""

from typing import TYPE_CHECKING

from tests.simulation.gui import Gui

if TYPE_CHECKING:
    from tests.simulation.world import World

# Without trouble everything is durable after so long: a frame that cannot be read is asked for three times, and what nobody
# asks for is sent again after the GUI's patience, which ends after 30 s.
PEACE_S = 75.0
# Then nothing is sent but signs of life, one each five seconds; to be waited for in so many simulations.
QUIET_S, MOST_SIGNS, QUIET_SHARE = 5.1, 2, 0.25
# And who leaves is gone, with a closing line.
LEAVING_S = 12.0
LATE_S = 2.0
LOOK_S = 0.25


class Ending:
    """The end of a `world`. It `is_last` when the sidecar that lives then is the one that ends it all."""

    def __init__(self, world: "World") -> None:
        self.is_last = False
        self._world = world
        self._clock = world.clock

    def begin(self) -> None:
        self._await_peace(self._clock.now, self._clock.now + PEACE_S)

    def _await_peace(self, begin: float, deadline: float) -> None:
        sidecar = self._world.sidecar
        living = [gui for gui in self._world.guis if gui.is_alive]
        waiting = [f"{gui.name}: {gui.outbox.durable} of {len(gui.logged)}" for gui in living if not gui.is_settled]
        is_served = sidecar is not None and not sidecar.is_stopping
        name = sidecar.name if sidecar else ""
        if is_served and not waiting and all(gui.has_heard(name) and not gui.is_leaving for gui in living):
            self._world.tally["seconds until peace"] += round(self._clock.now - begin)
            follow = self._await_quiet if self._world.random.random() < QUIET_SHARE else self._take_leave
            follow(living)
            return
        assert self._clock.now < deadline, f"no peace after {PEACE_S:.0f} s without trouble: {'; '.join(waiting)}"
        self._clock.after(LOOK_S, lambda: self._await_peace(begin, deadline))

    def _await_quiet(self, living: list[Gui]) -> None:
        # What somebody asked before, on another connection, may be heard yet.
        self._clock.after(LATE_S, lambda: self._listen(living))

    def _listen(self, living: list[Gui]) -> None:
        before = [gui.sent.copy() for gui in living]

        def look() -> None:
            for gui, earlier in zip(living, before, strict=True):
                sent = gui.sent - earlier
                signs = sent.pop("Alive", 0)
                assert not sent, f"{gui.name} sends without need: {dict(sent)}"
                assert signs <= MOST_SIGNS, f"{gui.name} says {signs} times that it lives"
            self._take_leave(living)

        self._clock.after(QUIET_S, look)

    def _take_leave(self, living: list[Gui]) -> None:
        for gui in living:
            if self._world.random.random() < 0.5:
                gui.die()
            else:
                gui.leave(goes_on=False)
        self.await_closed(self._clock.now)

    def await_closed(self, begin: float) -> None:
        """Tell the sidecar to end when all logs are closed."""
        sidecar = self._world.sidecar
        if sidecar is not None and sidecar.has_closed_all and not any(gui.is_alive for gui in self._world.guis):
            self.is_last = True
            sidecar.stop()
            return
        assert self._clock.now < begin + LEAVING_S, "the log of a run that is gone is not closed"
        self._clock.after(LOOK_S, lambda: self.await_closed(begin))
