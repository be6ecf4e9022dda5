"""The log of a run over all its parts, read by the words of the format alone."""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.support.logs import Record, check_chain, check_numbers
from tests.support.waiting import ROOT


def parts_of(directory: Path, run: str) -> list[Path]:
    """The parts of a run's log in their order."""
    first = directory / f"datatools-{run}.jsonl"
    later = sorted(directory.glob(f"datatools-{run}.*.jsonl"), key=lambda each: int(each.suffixes[-2][1:]))
    return [first, *later]


def read_run(directory: Path, run: str) -> list[Record]:
    """The records of all its parts, with the chain and the numbers checked from the first line to the last."""
    data = b"".join(part.read_bytes() for part in parts_of(directory, run))
    assert data.endswith(b"\n"), f"the log of {run} ends with a torn line"
    lines = data[:-1].split(b"\n")
    check_chain(lines)
    records = [json.loads(line) for line in lines]
    check_numbers(records)
    return records


def check_with_verify(directories: Iterable[Path]) -> None:
    """The project's own command finds every log in there intact."""
    command = [sys.executable, "-m", "sidecar", "verify", *map(str, directories)]
    verified = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert verified.returncode == 0, verified.stdout + verified.stderr
