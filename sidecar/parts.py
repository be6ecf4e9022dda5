"""Finds the logs that a user names: the files of their parts, plain and compressed. Only looks."""

import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple

import msgspec

from shared.errors import AuditError, SettingsError
from shared.naming import COMPRESSED, compressed_name, log_name, parse_part_name
from sidecar.complaints import Complaints
from sidecar.log_tail import LONGEST_LINE
from sidecar.reading import read_lines


class Log(NamedTuple):
    """The files of one run that belong together, by `(part, compressed)`, in order.

    `run` is None when the file's name is not a log's. `whole`: its directory was named, so all parts must be there.
    `lengths`: so many bytes of a file are meant; of others all.
    """

    run: str | None
    files: dict[tuple[int, bool], Path]
    whole: bool
    lengths: Mapping[Path, int] = MappingProxyType({})

    @property
    def name(self) -> str:
        """How a summary calls the log."""
        return self.run or self.path.name

    @property
    def path(self) -> Path:
        """One of its files."""
        return next(iter(self.files.values()))

    @property
    def directory(self) -> Path:
        """Where its files lie."""
        return self.path.parent

    @property
    def parts(self) -> dict[int, Path]:
        """One file of each part, in order: of a part in both forms the plain one."""
        return {part: self.files.get((part, False), path) for (part, _), path in self.files.items()}

    @property
    def doubles(self) -> list[tuple[Path, Path]]:
        """The files, plain and compressed, of each part that is there in both forms."""
        compressed = [part for part, is_compressed in self.files if is_compressed]
        return [(self.files[part, False], self.files[part, True]) for part in compressed if (part, False) in self.files]


class _Opening(msgspec.Struct):
    category: Literal["audit"]
    run: str
    part: int = 1


_decode_opening = msgspec.json.Decoder(_Opening).decode


def collect(paths: Iterable[Path], complain: Complaints) -> list[Log]:
    """The logs that `paths`, files or directories, stand for, each once; `complain` hears of each path that has none."""
    logs: list[Log] = []
    for path in paths:
        try:
            logs += find_logs(path)
        except (OSError, SettingsError) as error:
            complain(path, error)
    return _merge(logs)


def find_logs(path: Path) -> list[Log]:
    """Return the logs that `path`, a file or a directory, stands for.

    Raises SettingsError when there is none, OSError when `path` cannot be looked at.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        compressed = path.with_name(path.name + COMPRESSED)
        if not compressed.exists():
            raise
        # The name that the panel gave is still a name of the log.
        return find_logs(compressed)
    if stat.S_ISDIR(mode):
        return _in_directory(path)
    if not stat.S_ISREG(mode):
        raise SettingsError("it is neither a file nor a directory")
    return [_of_file(path)]


def fixed(log: Log) -> Log:
    """The log as long as it is now: however often it is read, and written to between, it is the same. Raises OSError."""
    # A compressed part never grows.
    plain = [path for (_, is_compressed), path in log.files.items() if not is_compressed]
    return log._replace(lengths={path: size for path in plain if (size := _size(path)) is not None})


def run_inside(log: Log) -> str:
    """The run that the log is of, also where its name does not say; empty when nothing does. Raises OSError."""
    if log.run:
        return log.run
    opening = _opening(log.path)
    return opening.run if opening else ""


def _size(path: Path) -> int | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        # It may have been compressed since it was found, which reading it finds out.
        return None
    # Whatever else it is, opening it says so.
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _in_directory(directory: Path) -> list[Log]:
    runs: dict[str, dict[tuple[int, bool], Path]] = {}
    for name in os.listdir(directory):  # noqa: PTH208 - the same call; plain names are all that is needed
        if parsed := parse_part_name(name):
            run, part, is_compressed = parsed
            runs.setdefault(run, {})[part, is_compressed] = directory / name
    if not runs:
        raise SettingsError("there are no logs in it (datatools-<run>.jsonl)")
    return [Log(run, dict(sorted(runs[run].items())), whole=True) for run in sorted(runs)]


def _merge(logs: Iterable[Log]) -> list[Log]:
    """Put together what was named twice or in pieces: parts of one run in one directory are one log."""
    merged: dict[Path, Log] = {}
    for log in logs:
        path = log.path.absolute()
        key = path.parent / log.run if log.run else path
        other = merged.get(key, log)
        merged[key] = Log(log.run, dict(sorted((other.files | log.files).items())), log.whole or other.whole)
    return list(merged.values())


def _of_file(path: Path) -> Log:
    parsed = parse_part_name(path.name)
    if parsed is None:
        opening = _opening(path)
        return Log(None, {(opening.part if opening else 1, path.name.endswith(COMPRESSED)): path}, whole=False)
    run, number, is_compressed = parsed
    files = {(number, is_compressed): path}
    # The start of a part is checked against the part before it, wherever that can be had.
    while number > 1 and (before := _forms(path, run, number - 1)):
        number -= 1
        files = before | files
    return Log(run, files, whole=False)


def _forms(path: Path, run: str, part: int) -> dict[tuple[int, bool], Path]:
    """The files of a part that lie beside `path`."""
    forms = {
        (part, False): path.with_name(log_name(run, part)),
        (part, True): path.with_name(compressed_name(run, part)),
    }
    return {form: file for form, file in forms.items() if file.is_file()}


def _opening(path: Path) -> _Opening | None:
    try:
        raw, _ = next(read_lines(path, LONGEST_LINE), (b"", False))
        return _decode_opening(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, AuditError):
        # Edited, torn, broken, or no log at all; the caller does without.
        return None
