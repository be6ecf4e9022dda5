"""What must hold of a log after kills, read by hashlib and json alone."""

from collections import defaultdict
from pathlib import Path
from typing import Any

from tests.log.reading import accounts, parts_of, read_log
from tests.support.waiting import until


def read_run(directory: Path, run: str) -> list[dict[str, Any]]:
    """The lines of all parts of a run, chained, with every number once and none in a gap."""
    records = read_log(*(part for part in parts_of(directory) if run in part.name))
    assert [told for told in accounts(records) if " " in told] == []
    return records


def wait_until_closed(directory: Path, run: str) -> None:
    """Until the newest part of a log ends with a closing line."""

    def last_line() -> bytes:
        newest = [part for part in parts_of(directory) if run in part.name][-1]
        return newest.read_bytes().rpartition(b"\n{")[2]

    until(lambda: b'"outcome":' in last_line(), lambda: f"the log of {run} closed; it ends in {last_line()!r}")


def check_flood(directory: Path, run: str, logged: list[int]) -> None:
    """All that the threads of a flood logged is there once, each thread's in its order; `logged` counts them by thread."""
    told = numbers_by_thread(read_run(directory, run))
    assert {thread: len(numbers) for thread, numbers in told.items()} == dict(enumerate(logged))
    for thread, count in enumerate(logged):
        assert told[thread] == list(range(1, count + 1)), f"thread {thread} of {run}"


def check_flood_until_killed(directory: Path, run: str, acknowledged: int) -> None:
    """What is there is a beginning of what the threads logged, and holds all that was acknowledged."""
    records = read_run(directory, run)
    told = numbers_by_thread(records)
    for thread, numbers in told.items():
        assert numbers == list(range(1, len(numbers) + 1)), f"thread {thread} of {run}"
    assert sum("seq" in record for record in records) >= acknowledged
    assert closings(records)[-1:] == records[-1:]


def numbers_by_thread(records: list[dict[str, Any]]) -> dict[int, list[int]]:
    told: dict[int, list[int]] = defaultdict(list)
    for record in records:
        if "thread" in record:
            told[record["thread"]].append(record["n"])
    return told


def closings(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [record for record in records if "outcome" in record]
