"""Logs in directories, closed or not, for the commands that read them."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from shared.chain import GENESIS
from shared.naming import COMPRESSED, log_name
from sidecar.compress import compress_log
from sidecar.compression import compressed
from sidecar.disk import Disk
from sidecar.parts import find_logs
from sidecar.reading import read_blocks
from sidecar.records import HOST
from tests.support.waiting import ROOT
from tests.verify.logs import RUN, closing, events, head_line, joined, opening, sealed

# An opening line of another host, so that no process of this one is meant.
ELSEWHERE: dict[str, Any] = {"host": "elsewhere"}
# As most users start it: what is printed waits in a buffer.
BUFFERED = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}


def me() -> dict[str, Any]:
    """What an opening line says when this very process owns the log."""
    return {"host": HOST, "pid": os.getpid(), "started": psutil.Process().create_time()}


def write(directory: Path, *bodies: bytes, run: str = RUN, part: int = 1, head: str = GENESIS) -> Path:
    path = directory / log_name(run, part)
    path.write_bytes(joined(sealed(bodies, head)))
    path.chmod(0o600)
    return path


def closed(directory: Path, run: str = RUN, owner: dict[str, Any] = ELSEWHERE, last: int = 30) -> Path:
    """A closed log of one part and `last` events."""
    return write(directory, opening(run=run, **owner), *events(1, last), closing(last), run=run)


def in_parts(directory: Path, *, last: int = 3) -> list[Path]:
    """A closed log of `last` parts, with 20 events each."""
    paths, head = [], GENESIS
    for part in range(1, last + 1):
        bodies = [opening((part - 1) * 20, part, run=RUN, **ELSEWHERE), *events(part * 20 - 19, part * 20)]
        bodies += [closing(part * 20)] * (part == last)
        paths.append(write(directory, *bodies, part=part, head=head))
        head = head_line(sealed(bodies, head))
    return paths


def compress_by_hand(path: Path, *, keep: bool = False) -> Path:
    """Put the compressed form beside a part, and take the part away unless `keep`."""
    target = path.with_name(path.name + COMPRESSED)
    data = path.read_bytes()
    target.write_bytes(b"".join(compressed([data], len(data))))
    if not keep:
        path.unlink()
    return target


def compress(directory: Path, disk: Disk | None = None) -> None:
    """Compress the one log in `directory`."""
    [log] = find_logs(directory)
    compress_log(disk or Disk(), log)


def content(directory: Path) -> dict[int, bytes]:
    """What the parts hold, whichever form they are in; of two forms the plain one."""
    [log] = find_logs(directory)
    return {part: b"".join(read_blocks(path)) for part, path in log.parts.items()}


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def sidecar(*arguments: object, prefix: Sequence[str] = (), **environ: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m sidecar`."""
    return subprocess.run(
        [*prefix, sys.executable, "-m", "sidecar", *map(str, arguments)],
        cwd=ROOT,
        env={**BUFFERED, **environ},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
