"""Finds who wrote a log that no closing line ends."""

from pathlib import Path

from shared.naming import log_name
from sidecar.disk import Disk
from sidecar.log_tail import read_opening, read_tail
from sidecar.records import HOST, Owner


def owner_of_unfinished(disk: Disk, directory: Path, run: str, parts: list[int]) -> Owner | None:
    """The process whose log these parts are, None when it is closed, or not for this host or this sidecar to close."""
    for part in sorted(parts, reverse=True):
        path = directory / log_name(run, part)
        if disk.stat_path(path).st_size:
            return _owner(disk, path)
    return None


def _owner(disk: Disk, path: Path) -> Owner | None:
    try:
        fd = disk.open(path)
    except OSError:
        # Locked by the sidecar of another run directory, or no longer a file of ours: its own run will say what is wrong.
        return None
    try:
        opening = read_opening(lambda size, offset: disk.read(fd, size, offset, path))
        tail = read_tail(lambda size, offset: disk.read(fd, size, offset, path), disk.stat(fd, path).st_size)
    finally:
        disk.close(fd, path)
    if opening is None or opening.host != HOST or tail.closed:
        return None
    return Owner(opening.pid, opening.started)
