"""What a seed stands for: how many desks, what their network and their stream are like, and what happens when."""

from random import Random
from typing import NamedTuple

# What can happen to a desk, and to all of them; how often at most in a simulation that has that kind of trouble.
OF_A_DESK = {
    "kill the forwarder": 4, "kill the sidecar": 3, "cut": 5, "lose the cursor": 2, "restore an old cursor": 2,
    "tear the cursor": 2, "compress": 2, "delete": 2,
}  # fmt: skip
OF_THE_SERVER = {"restart the server": 2, "lose the leader": 3, "fill the stream": 2, "let go": 6}


class Happening(NamedTuple):
    """At `at` seconds `what` happens to the desk number `desk`, where it is a desk's; `amount` is drawn from 0 to 1."""

    at: float
    what: str
    desk: int
    amount: float


class Plan(NamedTuple):
    """One simulation. Times are in seconds; `rate` is lines a second of a forwarder, 0: as many as go."""

    desks: int
    runs: int
    lines: int
    part_lines: int
    rate: int
    window_s: float
    latency_s: float
    loss: float
    trouble_s: float
    happenings: tuple[Happening, ...]


def draw_plan(chance: Random) -> Plan:
    desks = chance.choice((1, 1, 2, 3))
    trouble_s = chance.choice((1.0, 3.0, 12.0))
    kinds: list[tuple[str, int]] = []
    for kind, most in [*OF_A_DESK.items(), *OF_THE_SERVER.items()]:
        if chance.random() < 0.4:
            kinds.append((kind, chance.randint(1, most)))
    if any("cursor" in kind for kind, _ in kinds):
        # What the stream lets go only the cursor knows to have been there: the documented limit.
        kinds = [each for each in kinds if each[0] != "let go"]
    happenings = [
        # Only what is closed is deleted.
        Happening(
            chance.uniform(0, trouble_s) + (kind == "delete") * trouble_s / 3,
            kind,
            chance.randrange(desks),
            chance.random(),
        )
        for kind, times in kinds
        for _ in range(times)
    ]
    return Plan(
        desks=desks,
        runs=chance.choice((1, 1, 2)),
        lines=chance.choice((3, 20, 60)),
        part_lines=chance.choice((4, 15, 1000)),
        rate=chance.choice((0, 0, 40, 2_000)),
        window_s=chance.choice((0.1, 2.0, 120.0)),
        latency_s=chance.choice((0.0005, 0.01, 0.15)),
        loss=chance.choice((0.0, 0.0, 0.02)),
        trouble_s=trouble_s,
        happenings=tuple(sorted(happenings)),
    )
