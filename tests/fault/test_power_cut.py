"""The power is cut, or the process killed, at every single operation of a scripted life: what is promised still holds.

The disk is a file layer in memory that forgets what was not fsynced; see power_cut/forgetful.py. Each life is drawn from a
seed; each of its operations is once where the process ends, and several times where something is not durable yet.
"""

from itertools import islice, takewhile
from pathlib import Path

import pytest

from sidecar.disk import Disk
from tests.fault.power_cut.cases import BrokenError, cases, live_through
from tests.fault.power_cut.forgetful import ForgetfulSystem
from tests.fault.power_cut.world import AUDIT, World

SEED = "1"
LIVES = 2
# Within so many cases, a sidecar that leaves something out is found out.
ENOUGH = 2000


def happened(world: World) -> set[str]:
    """What the crashes of this case left behind, and what the sidecar wrote of it."""
    found = {"power cut" if world.aftermaths[0].power else "kill"} if world.crashes else {"no crash"}
    for aftermath in world.aftermaths[: world.crashes]:
        for data in aftermath.files.values():
            found |= {"hole"} if b"\0" in data else set()
            found |= {"torn line"} if data and not data.endswith(b"\n") else set()
    written = b"".join(world.files.values())
    found |= {key for key in ("repaired_bytes", "continues") if f'"{key}":'.encode() in written}
    return found | ({"lost name"} if any("are lost: datatools" in line for line in world.told) else set())


@pytest.mark.parametrize("life", [0, *(pytest.param(each, marks=pytest.mark.long) for each in (2, 4))])
def test_whatever_a_crash_leaves_at_any_operation_the_promises_hold(life: int) -> None:
    seen: set[str] = set()
    for case in takewhile(lambda each: each.life < life + LIVES, cases(SEED, life)):
        seen |= happened(live_through(case))
    assert seen >= {"no crash", "kill", "power cut", "lost name", "hole", "torn line", "repaired_bytes", "continues"}


def test_the_same_seed_gives_the_same_trace() -> None:
    for case in islice(cases(SEED), 0, 400, 40):
        assert live_through(case).told == live_through(case).told


class NoNames(Disk):
    """Leaves out the fsync of the directory behind a new file."""

    def fsync_directory(self, path: Path) -> None:
        if path != AUDIT:
            super().fsync_directory(path)


class NoParents(Disk):
    """Leaves out the fsync of the directories in which it made directories."""

    def fsync_directory(self, path: Path) -> None:
        if path == AUDIT:
            super().fsync_directory(path)


class NoFsync(Disk):
    """Acknowledges before the bytes are durable."""

    def fsync(self, fd: int, path: Path) -> None:
        pass


class NoFsyncAtTakeUp(Disk):
    """Trusts what it finds in the page cache."""

    def __init__(self, system: ForgetfulSystem) -> None:
        super().__init__(system=system)
        self._written: set[int] = set()

    def write(self, fd: int, data: bytes, path: Path) -> None:
        self._written.add(fd)
        super().write(fd, data, path)

    def fsync(self, fd: int, path: Path) -> None:
        if fd in self._written:
            super().fsync(fd, path)


class NoTruncate(Disk):
    """Leaves the half line of a failed write, or of a crash, where it is."""

    def truncate(self, fd: int, size: int, path: Path) -> None:
        pass


@pytest.mark.parametrize("disk", [NoNames, NoParents, NoFsync, NoFsyncAtTakeUp, NoTruncate])
def test_a_sidecar_that_leaves_out_what_makes_things_durable_is_found_out(disk: type[Disk]) -> None:
    def make_disk(system: ForgetfulSystem) -> Disk:
        return disk(system=system)

    def live_through_all() -> None:
        for case in islice(cases(SEED, make_disk=make_disk), ENOUGH):
            live_through(case, make_disk)

    with pytest.raises(BrokenError) as found:
        live_through_all()
    # It is not the case that does it.
    live_through(found.value.case)
