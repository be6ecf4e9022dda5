"""Deletes closed logs that are older, or more, than the settings keep. Off unless a setting says so.

- Never a log that is open, that another sidecar writes, or whose process lives: it may speak again.
- First the record in the chain of an open run, durable, then the deletion. So nothing disappears without a trace, and while
  no run is open nothing is deleted.
- The first part goes first: what is left by a crash in between is closed still, and deleted by the next look.
"""

import time
from collections.abc import Container, Iterable
from pathlib import Path
from typing import NamedTuple

from shared.naming import TEMPORARY, parse_part_name
from sidecar.disk import Disk
from sidecar.limits import Limits
from sidecar.liveness import find, is_alive
from sidecar.log_tail import ends_closed, read_opening
from sidecar.records import HOST, Owner

PERIOD_S = 3_600.0
DAY_S = 86_400


class ClosedLog(NamedTuple):
    """A log that is done with: its `files` in the order of their parts, `size` in bytes, `ended` in unix seconds."""

    run: str
    files: list[Path]
    size: int
    ended: float


class Doomed(NamedTuple):
    """A log that is to be deleted, and why."""

    log: ClosedLog
    reason: str


def choose(logs: Iterable[ClosedLog], limits: Limits, now: float) -> list[Doomed]:
    """Return those of `logs` that the limits do not keep at `now` (unix seconds), the oldest first."""
    doomed = []
    kept = 0
    for log in sorted(logs, key=lambda each: (each.ended, each.run), reverse=True):
        if limits.keep_days and now - log.ended > limits.keep_days * DAY_S:
            doomed.append(Doomed(log, f"older than {limits.keep_days} days"))
        elif limits.keep_bytes and kept + log.size > limits.keep_bytes:
            doomed.append(Doomed(log, f"closed logs take more than {limits.keep_bytes} bytes"))
        else:
            kept += log.size
    return doomed[::-1]


class Retention:
    """Looks once an hour. Every method that looks at the disk raises OSError, and may be called again."""

    def __init__(self, disk: Disk, directory: Path, limits: Limits) -> None:
        self._disk = disk
        self._directory = directory
        self._limits = limits
        self._look_at = 0.0
        self._doomed: list[Doomed] = []

    def next(self, heard: Container[str], monotonic: float) -> Doomed | None:
        """The next log to delete, None for none. `heard` are the runs of today, which are left alone."""
        if not (self._limits.keep_days or self._limits.keep_bytes):
            return None
        if not self._doomed and monotonic >= self._look_at:
            self._look_at = monotonic + PERIOD_S
            self._doomed = choose(self._closed_logs(heard), self._limits, time.time())
        return self._doomed.pop(0) if self._doomed else None

    def delete(self, log: ClosedLog) -> None:
        """Delete the files of `log`, durably. Raises OSError."""
        for path in log.files:
            self._disk.remove(path)
        self._disk.fsync_directory(self._directory)

    def _closed_logs(self, heard: Container[str]) -> list[ClosedLog]:
        runs: dict[str, list[tuple[int, bool, str]]] = {}
        for name in self._disk.names(self._directory):
            # With what an interrupted `compress` left.
            if (parsed := parse_part_name(name.removesuffix(TEMPORARY))) and parsed[0] not in heard:
                runs.setdefault(parsed[0], []).append((*parsed[1:], name))
        found = (self._closed_log(run, sorted(files)) for run, files in runs.items())
        return [log for log in found if log is not None]

    def _closed_log(self, run: str, files: list[tuple[int, bool, str]]) -> ClosedLog | None:
        paths = [self._directory / name for _, _, name in files]
        stats = [self._disk.stat_path(path) for path in paths]
        # Only closed logs are compressed.
        if not files[-1][1] and not self._is_closed(paths[-1]):
            return None
        return ClosedLog(run, paths, sum(each.st_size for each in stats), stats[-1].st_mtime)

    def _is_closed(self, path: Path) -> bool:
        try:
            fd = self._disk.open(path)
        except OSError:
            # Another sidecar writes it, or it is no file of ours: not for us to delete.
            return False
        try:
            size = self._disk.stat(fd, path).st_size

            def read_at(length: int, offset: int) -> bytes:
                return self._disk.read(fd, length, offset, path)

            if not ends_closed(read_at, size):
                return False
            opening = read_opening(read_at)
            return opening is None or opening.host != HOST or not is_alive(find(Owner(opening.pid, opening.started)))
        finally:
            self._disk.close(fd, path)
