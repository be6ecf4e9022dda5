"""The promises that a power cut could break, checked on what is on the disk in the end; by hashlib and JSON alone."""

from functools import partial
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from gui.audit.outbox import OVERFLOW
from shared.naming import log_name, parse_log_name
from sidecar.run import Written
from sidecar.verify.check import Part, check_log
from tests.fault.power_cut.gui import Gui
from tests.fault.power_cut.world import Aftermath, World
from tests.log.reading import ZEROS, accounts
from tests.verify.logs import chunks

Record = dict[str, Any]


class Log(NamedTuple):
    """The lines that count: of a part that another one continues, those up to where it goes on."""

    lines: list[bytes]
    records: list[Record]
    hashes: list[str]


def check(world: World) -> None:
    """Raise AssertionError for the first promise that is broken."""
    for gui in world.guis.all:
        parts = parts_of(gui.run, world.files)
        reports = [each for each in world.reports if each.ack.run == gui.run]
        for aftermath, following in zip(world.aftermaths, [*world.aftermaths[1:], None], strict=True):
            check_evidence(aftermath, gui.run, parts)
            heard = world.reports[aftermath.reports : following and following.reports]
            if aftermath.disk_works and any(each.ack.run == gui.run for each in heard):
                check_mended(parts_of(gui.run, aftermath.files), parts)
        if not _has_begun(parts):
            # GUI and sidecar were gone before the opening line was durable: nobody knows whose log this is.
            assert not reports, "acknowledged, and there is no log"
            assert not gui.events or world.crashes, "a run without a log"
            continue
        log = read(parts)
        check_numbers(gui, log)
        check_acknowledged(reports, log)
        check_verify(gui.run, parts)
        check_end(gui, log, crashed=world.crashes > 0)
        check_continued(world.aftermaths, log)


def _has_begun(parts: dict[int, bytes]) -> bool:
    return any(_record(data.split(b"\n")[0]) for data in parts.values())


def parts_of(run: str, files: dict[str, bytes]) -> dict[int, bytes]:
    """The parts of the log of `run` by their number, in order."""
    named = {parse_log_name(name): data for name, data in files.items()}
    return dict(sorted((name[1], data) for name, data in named.items() if name and name[0] == run))


def read(parts: dict[int, bytes]) -> Log:
    """Promise 4: the lines are chained, from part to part; a part that breaks off is said to in the next one."""
    log = Log([], [], [ZEROS])
    broken = ""
    for number, data in parts.items():
        *lines, torn = data.split(b"\n")
        first = _record(lines[0]) if lines else {}
        if "continues" in first:
            _go_back(log, first["prev"], number)
            broken = ""
        # A part whose first line was never whole says nothing; the one behind it does.
        assert not (broken and first), f"{broken}, and part {number} does not say so"
        broken = broken or _follow(log, lines, torn, number)
    assert not broken, broken
    return log


def _follow(log: Log, lines: list[bytes], torn: bytes, number: int) -> str:
    """Add the lines of a part. Returns where it breaks off, empty if it does not."""
    for count, line in enumerate(lines, 1):
        record = _record(line)
        if record.get("prev") != log.hashes[-1]:
            return f"part {number} breaks off at line {count}"
        log.lines.append(line)
        log.records.append(record)
        log.hashes.append(sha256(line).hexdigest())
    return f"part {number} ends with a torn line" if torn else ""


def _go_back(log: Log, prev: str, number: int) -> None:
    assert prev in log.hashes, f"part {number} goes on from a line that is not there"
    keep = log.hashes.index(prev)
    del log.lines[keep:], log.records[keep:], log.hashes[keep + 1 :]


def _record(line: bytes) -> Record:
    try:
        record = msgspec.json.decode(line)
    except msgspec.DecodeError:
        # A hole, or a torn line: it has none of a line's keys.
        return {}
    return record if isinstance(record, dict) else {}


def check_numbers(gui: Gui, log: Log) -> None:
    """Promise 2: each number is in the log once, as its event, or inside a gap that the outbox had to leave."""
    accounts(log.records)
    for record in log.records:
        if "seq" in record:
            event = gui.events[record["seq"] - 1]
            assert (record["message"], record["text"]) == (event.message, event.extra["text"]), "another event's text"
        elif "lost_from" in record:
            assert record["reason"] == OVERFLOW, f"lost without need: {record['message']}"
            assert gui.dropped.issuperset(range(record["lost_from"], record["lost_to"] + 1)), "lost, though it was held"
    if gui.is_settled:
        assert _accounted(log.records[-1]) == gui.outbox.last, "the log does not know the last number"


def check_acknowledged(reports: list[Written], log: Log) -> None:
    """Promise 3: whatever was acknowledged or shown is there, byte for byte and in its order."""
    places = {head: place for place, head in enumerate(log.hashes)}
    before = 0
    for ack in (each.ack for each in reports):
        assert ack.head in places, f"acknowledged {ack.durable} with the head {ack.head[:12]}, which is gone"
        place = places[ack.head]
        assert before <= place, "the heads that were acknowledged go back"
        assert place == 0 or _accounted(log.records[place - 1]) == ack.durable, "a head of another number"
        before = place
    lines = set(log.lines)
    for each in reports:
        assert lines.issuperset(each.lines.split(b"\n")[:-1]), "a line that was shown is not there"


def _accounted(record: Record) -> int:
    number = record.get("seq", record.get("last"))
    assert isinstance(number, int)
    return number


def check_verify(run: str, parts: dict[int, bytes]) -> None:
    """Promise 4: what a power cut leaves never looks like tampering."""
    report = check_log([Part(log_name(run, each), run, each, partial(chunks, data)) for each, data in parts.items()])
    finding = next(iter(report.findings), None)
    assert finding is None, f"verify: {finding.first.file}:{finding.first.number}: {finding.kind}: {finding.text}"


def check_end(gui: Gui, log: Log, *, crashed: bool) -> None:
    """Promise 2: the closing line says what became of the run."""
    last = log.records[-1]
    assert "outcome" in last, f"no closing line, but: {last['message']}"
    lost = sum(record["lost_to"] - record["lost_from"] + 1 for record in log.records if "lost_from" in record)
    assert (last["events"], last["lost"]) == (sum("seq" in record for record in log.records), lost), "wrong sums"
    assert last["known"] <= gui.outbox.last
    if last["outcome"] == "clean":
        assert (gui.said_bye, last["last"]) == (True, gui.outbox.last), "called clean"
    elif gui.said_bye and gui.is_settled:
        assert crashed, "called vanished"


def check_continued(aftermaths: list[Aftermath], log: Log) -> None:
    """Promise 5: the log goes on elsewhere only because of what a power cut left, and says so."""
    for record in log.records:
        if "continues" in record:
            assert any(each.power for each in aftermaths), f"nobody touched the files, but: {record['message']}"
            assert "damaged" in record["continues"], record["message"]


def check_evidence(aftermath: Aftermath, run: str, parts: dict[int, bytes]) -> None:
    """Promise 4: no whole line that a power cut left is ever touched."""
    for number, data in parts_of(run, aftermath.files).items():
        whole = data[: data.rfind(b"\n") + 1]
        assert not aftermath.power or parts[number].startswith(whole), f"lines of part {number} were overwritten"


def check_mended(left: dict[int, bytes], parts: dict[int, bytes]) -> None:
    """Promise 5: of a torn line it is said how much was cut, or it stands there still and the log goes on elsewhere."""
    number = max(left, default=0)
    whole, newline, torn = left.get(number, b"").rpartition(b"\n")
    if not torn or parts[number].startswith(left[number]):
        return
    line = parts[number].removeprefix(whole + newline).partition(b"\n")[0]
    # The opening line comes first where none was whole.
    second = parts[number].split(b"\n")[1]
    cut = _record(line if whole else second).get("repaired_bytes")
    assert cut == len(torn), f"{len(torn)} bytes of part {number} were cut, and the log says {cut}"
