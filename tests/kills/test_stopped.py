"""Sidecar, GUI and keeper are each stopped for ten seconds (SIGSTOP) and go on: nobody takes the stopped one for dead."""

import os
import signal
import threading
from collections.abc import Callable
from contextlib import ExitStack
from time import monotonic

import pytest

from tests.fault.beside import side_by_side
from tests.kills.checking import check_flood, closings, read_run
from tests.support.processes import READY, Pair, Process, Producer

pytestmark = pytest.mark.long

STOPPED_S = 10.0
# A promise of 2 s, and what a busy machine adds.
SOON_S = 6.0


class Trio:
    """A keeper with its sidecar, and a GUI that logs all the time."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.keeper: Process = pair.python("-m", "shared.keeper")
        self.gui: Producer = pair.producer()
        self.gui.ask("flood", 1, 50, 0)
        found = READY.search(self.keeper.wait_for_line("Sidecar ready"))
        assert found is not None
        self.sidecar = int(found[1])
        self.gui.wait_for_status("pid", self.sidecar)

    def stop(self, pid: int, meanwhile: Callable[[], None]) -> None:
        os.kill(pid, signal.SIGSTOP)
        until = monotonic() + STOPPED_S
        meanwhile()
        threading.Event().wait(until - monotonic())
        os.kill(pid, signal.SIGCONT)

    def end(self) -> None:
        """Nothing was lost or declared lost, and the sidecar is still the first one."""
        logged = self.gui.ask("stop_flood")["logged"]
        assert self.gui.wait_for_durable(sum(logged))["lost"] == 0
        assert self.gui.end() == 0
        self.pair.wait_for_closing(self.gui.log)
        self.keeper.signal(signal.SIGTERM)
        assert self.keeper.wait() == 0
        assert [line for line in self.keeper.out if "keeper: " in line or "Sidecar ready" in line][1:] == []
        check_flood(self.pair.audit, self.gui.run, logged)
        assert len(closings(read_run(self.pair.audit, self.gui.run))) == 1


def stop_the_sidecar() -> None:
    with ExitStack() as stack:
        trio = Trio(Pair(stack))
        begun = monotonic()

        def is_missed() -> None:
            trio.gui.wait_for_state("suspended")
            assert monotonic() - begun < SOON_S

        trio.stop(trio.sidecar, is_missed)
        trio.end()


def stop_the_gui() -> None:
    with ExitStack() as stack:
        trio = Trio(Pair(stack))
        trio.stop(trio.gui.pid, lambda: None)
        # It lives, so its run is not over.
        assert closings(read_run(trio.pair.audit, trio.gui.run)) == []
        trio.end()


def stop_the_keeper() -> None:
    with ExitStack() as stack:
        trio = Trio(Pair(stack))
        durable = trio.gui.status()["durable"]

        def is_not_missed() -> None:
            trio.gui.ask("stop_flood")
            assert trio.gui.wait_for_status("pending", 0)["durable"] > durable
            trio.gui.ask("flood", 1, 50, 0)

        trio.stop(trio.keeper.pid, is_not_missed)
        os.kill(trio.sidecar, signal.SIGKILL)
        trio.keeper.wait_for_line("was killed by SIGKILL; starting again")
        trio.gui.ask("stop_flood")
        assert trio.gui.wait_for_status("pending", 0)["lost"] == 0


def test_whoever_is_stopped_for_ten_seconds_is_not_taken_for_dead_and_nothing_is_lost(
    subtests: pytest.Subtests,
) -> None:
    cases = {"sidecar": stop_the_sidecar, "GUI": stop_the_gui, "keeper": stop_the_keeper}
    side_by_side(subtests, cases)
