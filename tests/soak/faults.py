"""A world whose sidecar, keeper and surviving GUI are never killed, so that their growth shows, and meet everything else."""

import errno
import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable

from tests.fault.mount import Mount
from tests.fault.telling import EVENT, MISSING, told_by
from tests.fault.touches import append_garbage, append_half_a_line, cut_a_line, cut_into_a_line, cut_to_nothing, delete
from tests.kills.checking import check_flood
from tests.kills.leftovers import wait_until_nothing_is_left
from tests.kills.moments import Gui, World
from tests.log.reading import parts_of
from tests.support.processes import Pair

TOUCHES = [append_garbage, append_half_a_line, cut_a_line, cut_into_a_line, cut_to_nothing, delete]
OPERATIONS = ["write", "fsync", "open", "getattr", "read"]
ERRORS = [errno.EIO, errno.ENOSPC, errno.EROFS, errno.EACCES]
# Seconds: of a fault, and of rest behind it.
SHORTEST, LONGEST = 0.5, 6.0
SHORTEST_REST, LONGEST_REST = 0.5, 4.0


class Steady(World):
    """Writes its logs on a mount that obeys; `touched` is the GUI whose log somebody touches."""

    def __init__(self, pair: Pair, chance: random.Random, mount: Mount) -> None:
        # Small parts, so that there are many.
        pair.settings["DATATOOLS_AUDIT_PART_BYTES"] = str(256 * 1024)
        pair.audit = mount.path / "logs"
        super().__init__(pair, chance)
        self.logs = mount.backing / "logs"
        self.faults: Counter[str] = Counter()
        self.ended: list[Gui] = []
        self.touched = self.start_gui()
        self._mount = mount
        self._pause = threading.Event()

    def fault(self) -> None:
        """One of all, for a while, and a rest."""
        fault = self._chance.choice(FAULTS)
        self.faults[fault.__name__.replace("_", " ")] += 1
        fault(self)
        self._pause.wait(self._chance.uniform(SHORTEST_REST, LONGEST_REST))

    def a_while(self) -> None:
        self._pause.wait(self._chance.uniform(SHORTEST, LONGEST))

    # Faults.

    def the_sidecar_is_stopped(self) -> None:
        self._stop(self.sidecar)

    def the_keeper_is_stopped(self) -> None:
        self._stop(self.keeper.pid)

    def the_gui_is_stopped(self) -> None:
        self._stop(self.survivor.producer.pid)

    def _stop(self, pid: int | None) -> None:
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        self.a_while()
        os.kill(pid, signal.SIGCONT)

    def the_disk_hangs(self) -> None:
        self._mount.hang(self._chance.choice(OPERATIONS))
        self.a_while()
        self._mount.release()

    def the_disk_is_slow(self) -> None:
        self._mount.slow("fsync", 0.1)
        self.a_while()
        self._mount.mend()

    def the_disk_refuses(self) -> None:
        self._mount.fail(self._chance.choice(OPERATIONS), self._chance.choice(ERRORS))
        self.a_while()
        self._mount.mend()

    def the_disk_is_full_in_the_middle_of_a_line(self) -> None:
        self._mount.short(self._chance.randrange(1, 500))
        self._mount.fail("write", errno.ENOSPC, after=1)
        self.a_while()
        self._mount.mend()

    def a_log_is_touched(self) -> None:
        parts = [part for part in parts_of(self.logs) if self.touched.producer.run in part.name]
        if parts:
            self._chance.choice(TOUCHES)(parts[-1])

    def a_gui_is_killed(self) -> None:
        self.kill(("gui",))

    def a_gui_ends_and_another_comes(self) -> None:
        self.end_gui(self.gui)
        self.ended.append(self.gui)
        self.gui = self.start_gui()

    # The end.

    def end(self) -> None:
        """Let everybody end in order, and check what is left and what is in the logs."""
        for gui in (self.survivor, self.gui, self.touched):
            self.end_gui(gui)
        self.end_keeper()
        wait_until_nothing_is_left(self.pair)
        self.check_logs()

    def check_logs(self) -> None:
        """Nothing is lost but what was taken out of the log that somebody touched, and nothing is there twice."""
        for gui in (self.survivor, self.gui, *self.ended):
            check_flood(self.logs, gui.producer.run, gui.logged)
        self.check_logs_of_killed()
        told = told_by(part for part in parts_of(self.logs) if self.touched.producer.run in part.name)
        assert len(told) == sum(self.touched.logged)
        assert set(told) <= {EVENT, MISSING}


FAULTS: list[Callable[[Steady], None]] = [
    Steady.the_sidecar_is_stopped, Steady.the_keeper_is_stopped, Steady.the_gui_is_stopped, Steady.the_disk_hangs,
    Steady.the_disk_is_slow, Steady.the_disk_refuses, Steady.the_disk_is_full_in_the_middle_of_a_line,
    Steady.a_log_is_touched, Steady.a_gui_is_killed, Steady.a_gui_ends_and_another_comes,
]  # fmt: skip
