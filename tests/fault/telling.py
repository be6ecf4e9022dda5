"""What a log says of each number, when some of its parts were touched or are gone: by the words of the format alone."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import cast

from tests.log.reading import raw_lines
from tests.support import logs

EVENT = "event"
MISSING = "acknowledged, then missing from the file"


def told_by(parts: Iterable[Path]) -> list[str]:
    """Read the parts of a log, some of which were touched; what a part goes on behind, `last`, is the sidecar's word.

    Each part is chained in itself, and to the one before unless it says that it goes on from elsewhere.
    """
    told: list[str] = []
    head = "0" * 64
    for part in parts:
        for line in raw_lines(part):
            record = json.loads(line)
            if "continues" in record:
                assert record["last"] <= len(told), f"{part.name} goes on behind {record['last']}, which is not there"
                del told[record["last"] :]
            else:
                assert record["prev"] == head, f"{part.name}: not chained: {record}"
            told += accounted(record, len(told))
            head = hashlib.sha256(line).hexdigest()
    return told


def accounted(record: logs.Record, before: int) -> list[str]:
    """What one line adds to what is told of the numbers through `before`."""
    if "seq" in record:
        assert record["seq"] == before + 1, f"{before + 1} should follow, not {record}"
        return [EVENT]
    if "lost_from" in record:
        assert record["lost_from"] == before + 1 <= record["lost_to"], f"{before + 1} should begin the gap {record}"
        return [record["reason"]] * (record["lost_to"] - before)
    assert record["last"] == before, f"{before} should be the last of {record}"
    return []


def first_line(part: Path) -> logs.Record:
    return cast("logs.Record", json.loads(part.read_bytes().partition(b"\n")[0]))
