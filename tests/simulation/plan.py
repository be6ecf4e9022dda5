"""What a seed stands for: how large everything is, and what happens when. Each seed has some kinds of trouble and not others."""

from random import Random
from typing import NamedTuple

MAX_GUIS = 4
# A level that is longer than the wire allows: no sidecar can read the event.
POISON = "x" * 201
HELD_ALL = 10**6

# What can happen, and how often at most, in a simulation that has that kind of trouble.
OF_A_GUI = {
    "flood": 2, "poison": 3, "unwritable": 2, "flush": 4, "slow": 6, "reconnect": 2, "cut": 3, "deafen": 6,
    "die": 1, "leave": 1, "come": 2,
}  # fmt: skip
OF_THE_SIDECAR = {
    "kill": 4,
    "kill at a change": 4,
    "pause": 2,
    "stop": 2,
    "cut the power": 2,
    "cut the power at a change": 3,
}
OF_THE_DISK = {"hang": 2, "refuse": 2, "fault": 6, "short write": 3}


class Happening(NamedTuple):
    """At `at` seconds `what` happens, to the GUI number `gui` where it is a GUI's; `amount` is drawn from 0 to 1."""

    at: float
    what: str
    gui: int
    amount: float


class Plan(NamedTuple):
    """One simulation. Times are in seconds, and the longest that something takes."""

    guis: int
    capacity: int
    capacity_bytes: int
    window_bytes: int
    # Frames that fit between a GUI and the sidecar, and back.
    pipe: int
    feed: int
    backlog_bytes: int
    held_bytes: int
    part_bytes: int
    latency_s: float
    late_s: float
    call_s: float
    start_s: float
    trouble_s: float
    happenings: tuple[Happening, ...]


def draw_plan(random: Random) -> Plan:
    guis = random.choice((1, 1, 1, 2, 3))
    trouble_s = random.choice((1.0, 2.0, 5.0))
    return Plan(
        guis=guis,
        capacity=random.choice((6, 30, 5_000, 5_000)),
        capacity_bytes=random.choice((3_000, 10**7, 10**7)),
        window_bytes=random.choice((400, 3_000, 10**6)),
        pipe=random.choice((5, 64, 5_000)),
        feed=random.choice((1, 3, 200)),
        backlog_bytes=random.choice((1_000, 10**6, 10**6)),
        held_bytes=random.choice((500, HELD_ALL)),
        part_bytes=random.choice((1_500, 6_000, 10**6)),
        latency_s=random.choice((0.0, 0.002, 0.05, 0.3)),
        late_s=random.choice((0.0, 0.2, 0.5, 0.9)),
        call_s=random.choice((0.0, 0.0, 0.01, 0.2)),
        start_s=random.choice((0.0, 0.5, 1.5)),
        trouble_s=trouble_s,
        happenings=tuple(sorted(_happenings(random, guis, trouble_s))),
    )


def _happenings(random: Random, guis: int, seconds: float) -> list[Happening]:
    kinds = [("log", random.randint(3, 10))] * guis
    for kind, most in [*OF_A_GUI.items(), *OF_THE_SIDECAR.items(), *OF_THE_DISK.items()]:
        if random.random() < 0.4:
            kinds.append((kind, random.randint(1, most)))
    happenings = []
    for number, (kind, times) in enumerate(kinds):
        for _ in range(times):
            gui = number if number < guis else random.randrange(MAX_GUIS)
            happenings.append(Happening(random.uniform(0, seconds), kind, gui, random.random()))
    return happenings
