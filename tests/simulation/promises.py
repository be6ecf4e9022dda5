"""What is promised, checked while it goes on and on what is on the disk in the end; by hashlib and JSON alone."""

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from gui.audit.outbox import OVERFLOW, REFUSED
from shared.naming import log_name
from shared.wire import MISSING, UNKNOWN_RUN, Ack, Event, Hello, Skipped, Upstream
from sidecar.run import UNWRITABLE
from tests.fault.power_cut.forgetful import ForgetfulSystem
from tests.fault.power_cut.nodes import Directory, File
from tests.fault.power_cut.promises import Log, check_acknowledged, check_verify, parts_of, read
from tests.fault.power_cut.world import AUDIT
from tests.log.reading import accounts, lost_in

if TYPE_CHECKING:
    from tests.simulation.gui import Gui
    from tests.simulation.world import World


def check_durable(system: ForgetfulSystem, ack: Ack) -> None:
    """Promise 3: what is acknowledged would be there if the power were cut now."""
    data = durable_bytes(system, log_name(ack.run, ack.part))
    end = len(data)
    while end > 0:
        start = data.rfind(b"\n", 0, end - 1) + 1
        line = data[start : end - 1]
        if sha256(line).hexdigest() == ack.head:
            number = accounted(json.loads(line))
            assert ack.durable == number, f"acknowledged {ack.durable} with the line of {number}"
            return
        end = start
    raise AssertionError(f"acknowledged {ack.durable}, and its line is not durable")


def accounted(record: dict[str, Any]) -> int:
    """The last number that the log accounts for with this line."""
    number = record.get("seq", record.get("last"))
    assert isinstance(number, int)
    return number


def durable_bytes(system: ForgetfulSystem, name: str) -> bytearray:
    """What a power cut leaves at least of a file in the audit directory."""
    node: Directory | File | None = system._root
    for each in [*AUDIT.parts[1:], name]:
        node = node.durable.get(each) if isinstance(node, Directory) else None
    return node.durable if isinstance(node, File) else bytearray()


def check_acknowledgement(gui: "Gui", published: int) -> None:
    """Promise 3: a GUI never forgets more than it was told to be durable."""
    assert gui.outbox.durable <= published, f"{gui.name} takes {gui.outbox.durable} for durable, and {published} is"


def has_begun(part: bytes) -> bool:
    """Whether its first line is whole: or nobody knows whose log this is."""
    line, newline, _ = part.partition(b"\n")
    return bool(newline) and line.startswith(b'{"ts"') and line.endswith(b'"}') and b"\0" not in line


def is_closed(run: str, files: dict[str, bytes]) -> bool:
    """Whether the log of a run, if it has begun, ends with its closing line."""
    parts = [data for data in parts_of(run, files).values() if has_begun(data)]
    last = parts[-1][parts[-1].rfind(b"\n", 0, -1) :] if parts else b""
    # A closing line that a power cut tore is none: the next sidecar sees that.
    return not parts or (b'"outcome":' in last and b"\0" not in last)


def check(world: "World") -> None:
    """Raise AssertionError for the first promise that is broken."""
    for gui in world.guis:
        parts = parts_of(gui.run, world.files)
        reports = [each for each in world.reports if each.ack.run == gui.run and each.ack.part != UNKNOWN_RUN]
        if not any(map(has_begun, parts.values())):
            assert not reports, "acknowledged, and there is no log"
            assert not gui.outbox.durable
            continue
        log = read(parts)
        check_numbers(gui, log)
        check_acknowledged(reports, log)
        check_verify(gui.run, parts)
        check_closings(gui, log)
        # None, where each sidecar that wrote to it was killed before it could report.
        if reports:
            assert reports[-1].ack.lost == lost_in(log.records), "another number is said to be lost than is"
        for record in log.records:
            if "continues" in record:
                assert world.power_cuts, f"nobody touched the files, but: {record['message']}"
        note(world, log)


def check_numbers(gui: "Gui", log: Log) -> None:
    """Promise 2: each number is there once, as its event or inside a gap whose reason is true."""
    accounts(log.records)
    for record in log.records:
        if "seq" in record:
            event = gui.logged[record["seq"] - 1]
            assert (record["message"], record.get("text")) == (event.message, event.extra["text"]), (
                "another event's text"
            )
        elif "lost_from" in record:
            check_reason(gui, record["lost_from"], record["lost_to"], record["reason"])
    last = accounted(log.records[-1])
    assert last >= gui.outbox.durable, "the log ends before what was acknowledged"
    if gui.is_settled:
        assert last == len(gui.logged), "the log does not know the last number"


def check_reason(gui: "Gui", first: int, last: int, reason: str) -> None:
    """Promise 2: what is said to be lost is lost, and for this reason."""
    lost = {OVERFLOW: gui.outbox.was_dropped, REFUSED: gui.poisonous, UNWRITABLE: gui.unwritable}.get(reason, set())
    untrue = set(range(first, last + 1)) - lost
    assert not untrue, f"{gui.name}: it is not true of {sorted(untrue)} that they are lost: {reason}"


def check_sent(gui: "Gui", frame: Upstream, before: Upstream | None) -> None:
    """Behind a Hello comes the first number that is not acknowledged, or what was asked for; a gap has a true reason."""
    if isinstance(frame, Skipped):
        if frame.reason == MISSING:
            assert frame.first in gui.asked, f"{gui.name} calls {frame.first} missing, and nobody asked for it"
        else:
            check_reason(gui, frame.first, frame.last, frame.reason)
    if isinstance(before, Hello) and isinstance(frame, Event | Skipped):
        first = frame.seq if isinstance(frame, Event) else frame.first
        known = first <= gui.outbox.durable + 1 or first in gui.asked
        assert known, f"{gui.name} begins with {first}, and {gui.outbox.durable} are durable"


def check_closings(gui: "Gui", log: Log) -> None:
    """Promise 2: closing lines are right, and the last line is one."""
    events = lost = 0
    for record in log.records:
        events += "seq" in record
        lost += record["lost_to"] - record["lost_from"] + 1 if "lost_from" in record else 0
        if "outcome" in record:
            assert (record["events"], record["lost"]) == (events, lost), "wrong sums"
            assert record["last"] <= record["known"] <= len(gui.logged), "known is what nobody gave out"
            clean = record["outcome"] == "clean"
            assert not clean or record["last"] == record["known"], "clean, and events are missing"
            assert not clean or record["last"] in gui.byes, f"clean at {record['last']}, without such a goodbye"
    assert "outcome" in log.records[-1], f"no closing line, but: {log.records[-1]['message']}"


def note(world: "World", log: Log) -> None:
    """Count what the log tells."""
    for record in log.records:
        if "lost_from" in record:
            world.tally[f"gaps: {record['reason']}"] += 1
        for key in ("continues", "repaired_bytes"):
            world.tally[f"lines with {key}"] += key in record
        if "outcome" in record:
            world.tally[f"runs closed: {record['outcome']}"] += 1
