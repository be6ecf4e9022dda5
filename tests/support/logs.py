"""Reads logs by the words of their format alone: nothing here uses the project's own code."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Record = dict[str, Any]


def read(path: Path) -> list[Record]:
    """The records of a log that must be whole, with its chain checked by raw hashlib and its numbers by counting."""
    data = path.read_bytes()
    assert data.endswith(b"\n"), f"{path} ends with a torn line"
    lines = data[:-1].split(b"\n")
    check_chain(lines)
    records = [json.loads(line) for line in lines]
    check_numbers(records)
    return records


def check_chain(lines: Iterable[bytes]) -> None:
    before = "0" * 64
    for number, line in enumerate(lines, 1):
        assert json.loads(line)["prev"] == before, f"line {number} does not carry the hash of the line before it"
        before = hashlib.sha256(line).hexdigest()


def check_numbers(records: Iterable[Record]) -> None:
    """Every number from 1 on is one event or inside one gap, in order, without a hole."""
    expected = 1
    for record in records:
        if "seq" in record:
            assert record["seq"] == expected, f"{expected} should follow, not {record}"
            expected += 1
        elif "lost_from" in record:
            assert record["lost_from"] == expected <= record["lost_to"], f"{expected} should begin the gap {record}"
            expected = record["lost_to"] + 1
        if "seq" not in record:
            assert record["last"] == expected - 1, f"{expected - 1} should be the last of {record}"


def head(path: Path) -> str:
    """SHA-256 of the last line."""
    return hashlib.sha256(path.read_bytes()[:-1].rpartition(b"\n")[2]).hexdigest()


def events(records: Iterable[Record]) -> list[Record]:
    return [record for record in records if "seq" in record]


def messages(records: Iterable[Record]) -> list[str]:
    return [record["message"] for record in events(records)]


def gaps(records: Iterable[Record]) -> list[tuple[int, int, str]]:
    return [(each["lost_from"], each["lost_to"], each["reason"]) for each in records if "lost_from" in each]


def closings(records: Iterable[Record]) -> list[Record]:
    return [record for record in records if "outcome" in record]


def run_of(path: Path) -> str:
    return path.name.removeprefix("datatools-").removesuffix(".jsonl")
