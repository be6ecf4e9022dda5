"""`python -m sidecar compress`: closed logs into a fifth of the space. Needs no sidecar, and may run beside one.

- A log that may still be written to, or that is damaged, stays as it is.
- Exit status: 0 all closed logs are compressed, 1 something could not be compressed, 2 something could not be read.
"""

import argparse
import contextlib
import sys
from itertools import chain
from pathlib import Path

from shared.errors import AuditError, SettingsError
from shared.printable import printable
from shared.settings import directories
from sidecar.complaints import Complaints
from sidecar.compress.closed import StillOpenError, check_closed
from sidecar.compress.replace import Sizes, replace
from sidecar.disk import Disk
from sidecar.parts import Log, collect, find_logs
from sidecar.verify import check_files

DONE, FAILED, UNREADABLE = 0, 1, 2


_DESCRIPTION = """\
Compress the logs that are done with to about a fifth: NAME.jsonl becomes NAME.jsonl.zst, with the same bytes in it.
`verify` and `query` read them as they are, and so does `zstd -dc`.
"""
_EPILOG = """\
A log stays as it is while it may still be written to, and when it is damaged. It may be interrupted at any time.

Exits 0 when all logs that are done with are compressed, 1 when one could not be, 2 when something could not be read.
"""


class DamagedError(AuditError):
    """The log is evidence of what was done to it, and stays as it is."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description, parser.epilog = _DESCRIPTION, _EPILOG
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="FILE|DIR",
        help="logs (a file stands for all parts of its log), or directories of logs; else the audit directory",
    )


def run(arguments: argparse.Namespace) -> int:
    """Compress the logs named, print what was done, and return the exit status."""
    complain = Complaints("compress")
    logs = collect(arguments.paths or [directories().audit], complain)
    unreadable = complain.count
    disk = Disk()
    done: list[list[Sizes]] = []
    for log in logs:
        try:
            sizes = compress_log(disk, log)
        except StillOpenError as error:
            _print(f"{log.name}: left as it is: {error}")
        except FileNotFoundError as error:
            _print(f"{log.name}: left as it is: {error.filename} went away meanwhile")
        except (OSError, AuditError) as error:
            complain(getattr(error, "filename", None) or log.path, error)
        else:
            done.append(sizes)
            if sizes:
                _print(f"{log.name}: {_described(sizes)}")
    _print(_total(len(logs), done))
    sys.stdout.flush()
    if complain.count > unreadable:
        return FAILED
    return UNREADABLE if unreadable else DONE


def compress_log(disk: Disk, log: Log) -> list[Sizes]:
    """Compress all parts of a log that are not yet; returns their sizes.

    Raises StillOpenError and other AuditErrors when it must stay as it is, OSError when the disk refuses.
    """
    log = _whole(log)
    plain = [path for (_, is_compressed), path in log.files.items() if not is_compressed]
    if not plain:
        return []
    # Without locks first: the sidecar that writes it must not find it locked for nothing.
    check_closed(log)
    with contextlib.ExitStack() as stack:
        locked = [(_lock(disk, path, stack), path) for path in plain]
        check_closed(log)
        if check_files(log).findings:
            raise DamagedError("it is damaged; `python -m sidecar verify` says how")
        return [replace(disk, fd, path) for fd, path in locked]


def _whole(log: Log) -> Log:
    if log.run is None:
        raise SettingsError("its name is not that of a log (datatools-<run>.jsonl)")
    return log if log.whole else next((each for each in find_logs(log.directory) if each.run == log.run), log)


def _lock(disk: Disk, path: Path, stack: contextlib.ExitStack) -> int:
    try:
        fd = disk.open(path)
    except BlockingIOError as error:
        raise StillOpenError(f"another process holds {path.name}") from error
    stack.callback(disk.close, fd, path)
    return fd


def _total(logs: int, done: list[list[Sizes]]) -> str:
    compressed = [sizes for sizes in done if sizes]
    before = len(done) - len(compressed)
    counted = (
        f"{_count(logs, 'log')}: {len(compressed)} compressed, {before} compressed before, {logs - len(done)} left"
    )
    return f"{counted}; {_described(list(chain.from_iterable(compressed)))}" if compressed else counted


def _described(sizes: list[Sizes]) -> str:
    plain, compressed = sum(each.plain for each in sizes), sum(each.compressed for each in sizes)
    return f"{_count(len(sizes), 'part')}, {plain:,} to {compressed:,} bytes"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _print(text: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(printable(text).encode(encoding, "backslashreplace").decode(encoding) + "\n")
