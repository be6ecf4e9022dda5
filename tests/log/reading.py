"""Reads logs by hashlib and json alone, not by the project's own functions."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

ZEROS = "0" * 64


def lines_of(path: Path) -> list[bytes]:
    """The lines of a part that ends in a newline."""
    data = path.read_bytes()
    assert data.endswith(b"\n"), f"{path.name} ends in {data[-40:]!r}"
    return data[:-1].split(b"\n")


def parts_of(directory: Path) -> list[Path]:
    return sorted(directory.iterdir(), key=lambda path: (len(path.name), path.name))


def read_log(*parts: Path) -> list[dict[str, Any]]:
    """The lines of a log, chained over its parts.

    A part that says `continues` goes on from any line before it; what stands behind that line is left out.
    """
    records: list[dict[str, Any]] = []
    hashes: list[str] = [ZEROS]
    for part in parts:
        for number, line in enumerate(raw_lines(part)):
            record = json.loads(line)
            if number == 0 and "continues" in record:
                assert record["prev"] in hashes, f"{part.name} goes on from a line that is not there"
                keep = len(hashes) - 1 - hashes[::-1].index(record["prev"])
                del hashes[keep + 1 :], records[keep:]
            assert record["prev"] == hashes[-1], f"{part.name}:{number + 1} is not chained"
            records.append(record)
            hashes.append(sha256(line).hexdigest())
    return records


def raw_lines(part: Path) -> list[bytes]:
    """The leading lines that are whole JSON objects; of a damaged part those before the damage."""
    good: list[bytes] = []
    previous = ""
    if part.is_symlink() or not part.is_file():
        return good
    for line in part.read_bytes().split(b"\n")[:-1]:
        try:
            prev = json.loads(line)["prev"]
        except (ValueError, KeyError):
            return good
        if good and prev != previous:
            return good
        good.append(line)
        previous = sha256(line).hexdigest()
    return good


def accounts(records: list[dict[str, Any]]) -> list[str]:
    """`7` for an event, `3-5 why` for a gap; that they follow each other without hole or overlap is checked."""
    told = []
    following = 1
    for record in records:
        if "seq" in record:
            assert record["seq"] == following, f"{record['seq']} stands where {following} belongs"
            told.append(str(following))
            following += 1
        elif "lost_from" in record:
            assert record["lost_from"] == following, f"a gap from {record['lost_from']} where {following} belongs"
            told.append(f"{record['lost_from']}-{record['lost_to']} {record['reason']}")
            following = record["lost_to"] + 1
        else:
            assert record["last"] == following - 1, f"last {record['last']} behind {following - 1}: {record['message']}"
    return told


def lost_in(records: list[dict[str, Any]]) -> int:
    return sum(record["lost_to"] - record["lost_from"] + 1 for record in records if "lost_from" in record)


def of_sidecar(records: list[dict[str, Any]]) -> list[str]:
    """The messages of the sidecar's own lines."""
    return [record["message"] for record in records if "seq" not in record]
