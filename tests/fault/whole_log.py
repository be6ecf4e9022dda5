"""A log of 200 lines with every kind of line in it, as a sidecar leaves it that was killed while its GUI went on."""

from itertools import cycle, islice, pairwise

from shared.chain import GENESIS, event_body, seal
from sidecar import records
from sidecar.admission import Gap
from sidecar.records import CLEAN, VANISHED, Owner
from tests.log.bench import NOW, RUN

COUNT = 200

# Event, odd event, gap, repair, closing that is clean, closing that is not: alone, behind one another, behind itself.
_PATTERN = "eeoeggereerrevoecegevgrce"
_ODD: dict[str, object] = {
    "text": 'Zürich "\\" \t \x01 \u2028 ✓ 😀', "nested": {"deep": {"er": [None, True, 0.5, 2**63 - 1]}},
    # Named like the keys of the sidecar's records, which means nothing in an event.
    "outcome": "clean", "lost_from": 1, "lost_to": 5, "continues": "x", "repaired_bytes": 3, "run": "me", "part": 2,
}  # fmt: skip


def whole_log(owner: Owner, count: int = COUNT, head: str = GENESIS) -> list[bytes]:
    """Its lines, without their newlines; the last is an event."""
    return seal(head, bodies(owner, count))[0].split(b"\n")[:-1]


def whole_log_in_parts(owner: Owner, count: int, parts: int) -> list[list[bytes]]:
    """As many lines and an opening line for each further part."""
    log = _Log(owner)
    kinds = [*islice(cycle(_PATTERN), count - 2), "e"]
    ends = [0]
    for place, kind in enumerate(kinds, 1):
        log.write(kind)
        if place % (count // parts) == 0 and len(ends) < parts:
            ends.append(len(log.bodies))
            log.begin_part(len(ends))
    lines = seal(GENESIS, log.bodies)[0].split(b"\n")[:-1]
    return [lines[start:end] for start, end in pairwise([*ends, len(lines)])]


def bodies(owner: Owner, count: int = COUNT) -> list[bytes]:
    """The same lines without their `prev`."""
    log = _Log(owner)
    for kind in [*islice(cycle(_PATTERN), count - 2), "e"]:
        log.write(kind)
    return log.bodies


class _Log:
    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self.last = self.lost = 0
        self.bodies = [records.opening(NOW, RUN, owner, 1, 0, 0)]

    def begin_part(self, part: int) -> None:
        self.bodies.append(records.opening(NOW, RUN, self._owner, part, self.lost, self.last))

    def write(self, kind: str) -> None:
        now = NOW + len(self.bodies) * 1000
        match kind:
            case "e" | "o":
                self.last += 1
                extra: dict[str, object] = _ODD if kind == "o" else {"rows": self.last}
                body = event_body(now, "info", "upload", "a1b2c3d4", f"Event {self.last}", extra, self.last)
            case "g":
                gap = Gap(self.last + 1, self.last + 1 + len(self.bodies) % 4)
                self.last, self.lost = gap.last, self.lost + gap.events
                body = records.gap(now, gap, "full")
            case "r":
                body = records.repair(now, len(self.bodies), self.last)
            case _:
                body = records.closing(now, CLEAN if kind == "c" else VANISHED, self.last, self.lost, self.last)
        self.bodies.append(body)
