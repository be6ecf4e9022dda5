"""Finds the logs that a user names, and reads their lines. Only reads."""

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from shared.errors import SettingsError
from shared.naming import log_name, parse_log_name
from sidecar.verify.check import Part
from sidecar.verify.line import MAX_LINE, read_line

_BLOCK = 1 << 20


class Log(NamedTuple):
    """The files of one run that are to be checked together: part number to path, in order.

    `run` is None when the file's name is not a log's. `whole`: its directory was named, so all parts must be there.
    """

    run: str | None
    parts: dict[int, Path]
    whole: bool

    @property
    def name(self) -> str:
        """How a summary calls the log."""
        return self.run or next(iter(self.parts.values())).name

    @property
    def directory(self) -> Path:
        """Where the log's files lie."""
        return next(iter(self.parts.values())).parent

    def open(self) -> list[Part]:
        """The parts with their lines. Reading them raises OSError when a file cannot be read."""
        return [Part(path.name, self.run, number, partial(read_chunks, path)) for number, path in self.parts.items()]


def find_logs(path: Path) -> list[Log]:
    """Return the logs that `path`, a file or a directory, stands for.

    Raises SettingsError when there is none, OSError when `path` cannot be looked at.
    """
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        return _in_directory(path)
    if not stat.S_ISREG(mode):
        raise SettingsError("it is neither a file nor a directory")
    return [_of_file(path)]


def merge(logs: Iterable[Log]) -> list[Log]:
    """Put together what was named twice or in pieces: parts of one run in one directory are one log."""
    merged: dict[Path, Log] = {}
    for log in logs:
        path = next(iter(log.parts.values())).absolute()
        key = path.parent / log.run if log.run else path
        other = merged.get(key, log)
        merged[key] = Log(log.run, dict(sorted((other.parts | log.parts).items())), log.whole or other.whole)
    return list(merged.values())


def read_chunks(path: Path) -> Iterator[tuple[bytes, bool]]:
    """Lines of a file without their newline, each with whether it had one; memory stays within some MiB.

    Of a line that is longer than any log's, only the first bytes are returned. Raises OSError.
    """
    with os.fdopen(_open_regular(path), "rb", buffering=0) as file:
        rest = b""
        while block := file.read(_BLOCK):
            first, *others = block.split(b"\n")
            # What is too long is kept just long enough to show it.
            rest = (rest + first)[: MAX_LINE + 1]
            for line in others:
                yield rest, True
                rest = line
        if rest:
            # A crash tears one line; so much without a newline is something else.
            yield rest, len(rest) > MAX_LINE


def _open_regular(path: Path) -> int:
    # A pipe of that name would be waited for.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is not a regular file", str(path))
    return descriptor


def _in_directory(directory: Path) -> list[Log]:
    runs: dict[str, dict[int, Path]] = {}
    for name in os.listdir(directory):  # noqa: PTH208 - the same call; plain names are all that is needed
        if parsed := parse_log_name(name):
            runs.setdefault(parsed[0], {})[parsed[1]] = directory / name
    if not runs:
        raise SettingsError("there are no logs in it (datatools-<run>.jsonl)")
    return [Log(run, dict(sorted(runs[run].items())), whole=True) for run in sorted(runs)]


def _of_file(path: Path) -> Log:
    parsed = parse_log_name(path.name)
    if parsed is None:
        return Log(None, {_part_inside(path): path}, whole=False)
    run, number = parsed
    parts = {number: path}
    # The start of a part is checked against the part before it, wherever that can be had.
    while number > 1 and (before := path.with_name(log_name(run, number - 1))).is_file():
        number -= 1
        parts = {number: before, **parts}
    return Log(run, parts, whole=False)


def _part_inside(path: Path) -> int:
    """Part number by the opening line, for a file that somebody renamed."""
    raw, _ = next(read_chunks(path), (b"", False))
    record = read_line(raw, path.name, 1).record
    return record.part if record else 1
