"""A sidecar starts on the files of a damaged log: what it does to them is checked, by hashlib and JSON alone.

Written for logs that are read as a whole when they are taken up; what lies further back is not looked at then.
"""

import json
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from shared.naming import log_name, parse_log_name
from shared.wire import encode
from sidecar.disk import Disk, System
from sidecar.records import HOST, Owner
from tests.log.bench import RUN, Bench, Sidecar, event
from tests.log.reading import ZEROS, accounts
from tests.verify.logs import check

# No system gives out numbers so high.
DEAD = Owner(2_000_000_000, 1.0)
# What the GUI holds when the sidecar starts, and what it logs afterwards.
HELD, LOGGED = 2, 1
STAYS_OPEN = "stays open until its GUI is heard"

Files = dict[int, bytes]
Record = dict[str, Any]
Life = Callable[[Bench], list[str]]

_LINE_END = re.compile(rb',"prev":"[0-9a-f]{64}"}')


class QuickSystem(System):
    """What is durable is asked elsewhere, and thousands of fsyncs would be most of the time."""

    def fsync(self, fd: object) -> None:
        pass


def with_living_gui(last: int) -> Life:
    """Its GUI, to which everything through `last` was acknowledged, sends again what was not, and logs on."""

    def live(bench: Bench) -> list[str]:
        sidecar = bench.sidecar(Disk(system=QuickSystem()))
        held = last + HELD
        acks = [sidecar.serve(last, held), sidecar.hear(event(held + LOGGED))]
        assert [ack.durable for ack in acks] == [held, held + LOGGED], "acknowledged what was never sent"
        return said_by(sidecar)

    return live


def with_dead_gui(bench: Bench) -> list[str]:
    """Its GUI is gone, and the log is closed."""
    sidecar = bench.sidecar(Disk(system=QuickSystem()))
    unfinished = sidecar.writer._unfinished
    unfinished.find()
    while unfinished.is_busy:
        unfinished.finish_next({})
    return said_by(sidecar)


def said_by(sidecar: Sidecar) -> list[str]:
    for report in sidecar.reports:
        assert encode(report.ack), "it could not be told"
        assert 0 <= report.ack.lost <= report.ack.durable
    sidecar.stop()
    return sidecar.complaints


class Recovery:
    """`before` and `after` are the files by their parts, `said` what the sidecar that lived in between said."""

    def __init__(self, directory: Path, files: Files, live: Life) -> None:
        self.directory = directory
        self.before = files
        directory.mkdir(mode=0o700, exist_ok=True)
        assert not any(directory.iterdir())
        bench = Bench(directory)
        for part, data in files.items():
            bench.path(part).write_bytes(data)
        try:
            self.said = live(bench)
            self.after = read_files(directory)
        finally:
            bench.close()

    def again(self, live: Life) -> "Recovery":
        """The next sidecar on what this one left."""
        self.clear()
        return Recovery(self.directory, self.after, live)

    def clear(self) -> None:
        for path in self.directory.iterdir():
            path.unlink()

    # What must hold.

    def check(self, last: int) -> None:
        """All of it; the log accounts for everything through `last`, or with 0 for what a dead run left."""
        self.check_evidence()
        self.check_said()
        self.check_accounts(last)
        self.check_verify()

    def check_accounts(self, last: int) -> None:
        if last:
            self.check_numbers(last)
        else:
            self.check_closed()

    def check_evidence(self) -> None:
        """Every byte is still there, but those of a torn tail, of which it says how many they were."""
        for part, data in self.before.items():
            now = self.after[part]
            whole = data[: data.rfind(b"\n") + 1]
            if now == data or (whole == data and now.startswith(data)):
                continue
            torn = data[len(whole) :]
            assert now.startswith(whole), f"part {part} was overwritten"
            assert could_be_torn(torn), f"part {part}: what nobody tears was cut: {torn[:80]!r}"
            repairs = [json.loads(line).get("repaired_bytes") for line in now[len(whole) :].split(b"\n")[:2] if line]
            assert len(torn) in repairs, f"part {part}: no record of a repair, but {repairs}"
            said = f"Log {log_name(RUN, part)}: cut a torn last line of {len(torn)} bytes"
            assert said in self.said, f"{said!r} is not in {self.said}"

    def check_said(self) -> None:
        """It says where the log goes on; and nothing, when nothing was the matter."""
        continuing = [part for part in self.after if part not in self.before]
        for part in continuing:
            place = f"it is left as it is, and the log goes on in {log_name(RUN, part)}"
            assert any(place in said for said in self.said), f"{place!r} is not in {self.said}"
        for record in self.new_records():
            if "lost_from" in record and "seq" not in record:
                assert any(f"({record['lost_from']} to {record['lost_to']})" in said for said in self.said)
        cut = any(data[-1:] not in b"\n" and self.after[part] != data for part, data in self.before.items())
        done = [said for said in self.said if STAYS_OPEN not in said]
        assert bool(done) == bool(cut or continuing or lost_in(self.new_records())), done

    def check_numbers(self, last: int) -> None:
        """Each number through `last` is accounted for once, by a reader that follows the format."""
        records = self.records()
        accounts(records)
        assert accounted(records[-1]) == last

    def check_closed(self) -> None:
        """The log of a dead run was closed, with the right sums, or it cannot be known that it is one."""
        records = self.records()
        if self.after == self.before:
            is_closed = bool(records) and is_closing(records[-1])
            assert is_closed or not names_its_owner(self.before), "it was not closed"
            is_told = any(STAYS_OPEN in said for said in self.said) or names_another_host(self.before)
            # Where no line was ever whole, it is waited for its GUI first.
            assert is_closed or is_told or not any(b"\n" in data for data in self.before.values())
            return
        accounts(records)
        closing, lost = records[-1], lost_in(records)
        assert (closing["outcome"], closing["lost"]) == ("vanished", lost)
        assert closing["events"] == sum("seq" in record for record in records) == closing["last"] - lost

    def check_verify(self) -> None:
        """What `verify` found before is still found, at the same place, and nothing else has become of it."""
        before, after = (check(*files.values(), numbers=list(files)) for files in (self.before, self.after))
        places = {(each.first.file, each.first.number) for each in before.findings}
        assert places <= {(each.first.file, each.first.number) for each in after.findings}
        assert bool(before.findings) == bool(after.findings), after.findings[0].text

    # Reading.

    def new_records(self) -> list[Record]:
        """The records that were written by the sidecar in between."""
        return [json.loads(line) for part in self.after for line in self._new_lines(part)]

    def records(self) -> list[Record]:
        """Those of the whole log: a part that goes on from some line leaves out what is not on the way to that.

        What the sidecar wrote is chained.
        """
        hashes, records = [ZEROS], list[Record]()
        for part, data in self.after.items():
            lines = data.split(b"\n")[:-1]
            first_new = len(lines) - len(self._new_lines(part))
            for number, line in enumerate(lines):
                record = parsed(line)
                if number == 0 and "continues" in record and "seq" not in record:
                    assert record["prev"] in hashes, f"part {part} goes on from a line that is not there"
                    way = way_to(hashes.index(record["prev"]), hashes, records)
                    hashes[1:], records = [hashes[at] for at in way], [records[at - 1] for at in way]
                assert number < first_new or record["prev"] == hashes[-1], f"part {part}:{number + 1} is not chained"
                is_forged = part > 1 and record.get("prev") == ZEROS and "continues" not in record
                records.append({**record, "prev": ""} if is_forged else record)
                hashes.append(sha256(line).hexdigest())
        return records

    def _new_lines(self, part: int) -> list[bytes]:
        before = self.before.get(part, b"")
        return self.after[part][before.rfind(b"\n") + 1 :].split(b"\n")[:-1] if self.after[part] != before else []


def way_to(at: int, hashes: list[str], records: list[Record]) -> list[int]:
    """The places in `hashes` of the lines up to that at `at`: each behind the one whose hash it carries.

    A line whose hash is nowhere stands behind the one before it.
    """
    way = list[int]()
    while at > 0 and at not in way:
        way.append(at)
        prev = records[at - 1].get("prev", "")
        at = hashes.index(prev) if prev in hashes else at - 1
    return way[::-1]


def could_be_torn(data: bytes) -> bool:
    """Whether this may be the beginning of one line, some pages of which never reached the disk."""
    begins = all(byte in (0, ours) for byte, ours in zip(data, b'{"ts":"', strict=False))
    return begins and len(data) <= 512 * 1024 and not _LINE_END.search(data[:-1].rstrip(b"\0"))


def read_files(directory: Path) -> Files:
    named = {parse_log_name(path.name): path.read_bytes() for path in directory.iterdir()}
    return dict(sorted((name[1], data) for name, data in named.items() if name))


def parsed(line: bytes) -> Record:
    """Nothing, for what is no line; whoever counts on it then fails."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return {"reason": "", **record} if isinstance(record, dict) and isinstance(record.get("prev"), str) else {}


def is_closing(record: Record) -> bool:
    return "outcome" in record and "seq" not in record


def lost_in(records: list[Record]) -> int:
    gaps = [record for record in records if "lost_from" in record and "seq" not in record]
    return sum(gap["lost_to"] - gap["lost_from"] + 1 for gap in gaps)


def accounted(record: Record) -> int:
    number = record.get("seq", record.get("last"))
    assert isinstance(number, int)
    return number


def newest_opening(files: Files) -> Record:
    newest = [data for data in files.values() if data][-1:]
    return parsed(b"".join(newest).split(b"\n")[0])


def names_another_host(files: Files) -> bool:
    """Whether the log is for another machine's sidecar to close."""
    return bool(newest_opening(files).get("host", HOST) != HOST)


def names_its_owner(files: Files) -> bool:
    """Whether the first line of the newest part says which process's log this is."""
    opening = newest_opening(files)
    types: dict[str, type | tuple[type, ...]] = {"run": str, "pid": int, "started": (int, float), "lost": int}
    return (opening.get("host"), opening.get("category")) == (HOST, "audit") and all(
        isinstance(opening.get(key), each) for key, each in types.items()
    )
