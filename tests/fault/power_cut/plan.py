"""A scripted life of the sidecar, drawn from a seed: what is logged, what the disk refuses, who comes and goes."""

import errno
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from tests.fault.power_cut.forgetful import Fault

# What each call may be refused with; a write may also write less than it was given.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
CODES = {
    "write": FULL,
    "create": FULL,
    "mkdir": FULL,
    "truncate": FULL,
    "fsync": (errno.EIO, errno.ENOSPC),
    "open": (errno.EIO, errno.EMFILE, errno.ENFILE),
}
CHANGES = {"create", "fsync", "mkdir", "truncate", "write"}
# Done all the same when it fails: a descriptor is closed, and a failed fsync has written some pages.
DONE_ALTHOUGH_FAILED = {"close", "fsync"}


class Step(NamedTuple):
    """One turn: `act` is `log` (events of `sizes` by the run number `gui`), `vanish`, `leave`, `rest` or `stop`."""

    act: str
    gui: int = 0
    sizes: tuple[int, ...] = ()


class Moment(NamedTuple):
    """The operation `at`; or, if it is to be a `change`, the first from there on that changes something."""

    at: int
    change: bool = False

    def has_come(self, number: int, operation: str) -> bool:
        return number >= self.at and operation in CHANGES if self.change else number == self.at


class Plan(NamedTuple):
    """A life; `faults` are when the disk refuses something, `at_home` whether the directories are made in one's own."""

    seed: str
    at_home: bool
    part_bytes: int
    capacity: int
    steps: tuple[Step, ...]
    faults: tuple[Moment, ...]


def chance(seed: str) -> Random:
    """What is drawn for `seed`: the same each time."""
    return Random(seed)  # noqa: S311 - a repeatable choice


def draw_plan(seed: str) -> Plan:
    """The life that belongs to `seed`."""
    random = chance(seed)
    at_home = random.random() < 0.5
    part_bytes = random.choice((800, 1500, 3000, 10**6))
    capacity = random.choice((5, 5_000, 5_000))
    faults = tuple(_faults(random)) if random.random() < 0.7 else ()
    return Plan(seed, at_home, part_bytes, capacity, tuple(_steps(random)), faults)


def draw_moment(random: Random, after: int, within: int) -> Moment:
    """One of the next operations `after` that number, or a change that follows it."""
    return Moment(after + random.randint(1, within), random.random() < 0.5)


def draw_fault(random: Random, operation: str) -> Fault:
    """A way in which `operation` can fail."""
    if operation == "write" and random.random() < 0.5:
        return Fault(share=random.random())
    code = random.choice(CODES.get(operation, (errno.EIO,)))
    return Fault(share=float(operation in DONE_ALTHOUGH_FAILED), code=code)


def _steps(random: Random) -> Iterator[Step]:
    yield from (_log(random, 0) for _ in range(random.randint(2, 3)))
    for _ in range(random.randint(2, 5)):
        draw = random.random()
        if draw < 0.75:
            yield _log(random, random.randrange(2))
        else:
            yield Step("rest" if draw < 0.85 else "stop")
    yield Step("vanish" if random.random() < 0.3 else "leave", 1)
    yield _log(random, 0)
    yield Step("vanish" if random.random() < 0.3 else "leave", 0)


def _log(random: Random, gui: int) -> Step:
    count = random.choice((1, 1, 2, 3, 8))
    return Step("log", gui, tuple(random.choice((0, 10, 100, 700)) for _ in range(count)))


def _faults(random: Random) -> Iterator[Moment]:
    for _ in range(random.randint(1, 5)):
        first = draw_moment(random, 0, 160)
        # A disk that refuses once often refuses the next call, too.
        yield from (Moment(first.at + more, first.change) for more in range(random.choice((1, 1, 1, 2, 3))))
