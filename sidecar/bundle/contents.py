"""What goes into a bundle: the logs, what `verify` says of them, and what a reader needs to know. Streams; reads only.

What `verify` says is of the very bytes that are copied: their lengths were fixed before, see `parts.fixed`.
"""

import os
import platform
import zipfile
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from shared.naming import AUDIT_DIR_VARIABLE, COMPRESSED, RUN_DIR_VARIABLE
from shared.transport import TRANSPORT_VARIABLE
from sidecar.attestation import ATTEST_MINUTES_VARIABLE
from sidecar.bundle.redaction import Redaction
from sidecar.bundle.retelling import Place, quoted_places, retold
from sidecar.compression import BrokenError
from sidecar.limits import KEEP_BYTES_VARIABLE, KEEP_DAYS_VARIABLE, PART_BYTES_VARIABLE
from sidecar.log_tail import LONGEST_LINE
from sidecar.parts import Log
from sidecar.reading import file_blocks, read_lines
from sidecar.records import FORMAT, VERSION
from sidecar.verify import report_lines
from sidecar.verify.files import Tell
from sidecar.verify.report import Report

# Named one by one: a setting of tomorrow may hold a secret.
_SETTINGS = (
    AUDIT_DIR_VARIABLE, RUN_DIR_VARIABLE, TRANSPORT_VARIABLE, PART_BYTES_VARIABLE, KEEP_DAYS_VARIABLE, KEEP_BYTES_VARIABLE,
    ATTEST_MINUTES_VARIABLE,
)  # fmt: skip

# Beside the directory `logs/`.
VERDICT, FACTS, READ_ME = "verify.txt", "bundle.json", "README.txt"

_README = """\
A support bundle of datatools-audit, made {made} UTC.

verify.txt   what `python -m sidecar verify` said of the logs where they lie
bundle.json  versions, settings, and of each log its head, its events, and its losses one by one
logs/        the logs{how}

{check}
"""
_WHOLE = "To check them here: unzip this file and run `python -m sidecar verify logs`."
_COPIES = (
    "What was taken out of them stands as <redacted>. These copies no longer fit together as a chain, so `verify` would "
    "call them damaged; verify.txt says how it is with the originals, in words that do not quote what was taken out."
)


class Checked(NamedTuple):
    """A log, the run whose it is, and what `verify` says of it."""

    log: Log
    run: str
    report: Report


class Copy(NamedTuple):
    """A file of a log, what its copy is called in the zip, and how many bytes of it are copied (None: all)."""

    path: Path
    name: str
    length: int | None


def copies(log: Log, redaction: Redaction) -> list[Copy]:
    """What of a log goes into the zip. Of a part that is there in both forms, a redacted copy would be the same twice."""
    paths = (log.parts if redaction else log.files).values()
    return [
        Copy(path, f"logs/{path.name.removesuffix(COMPRESSED) if redaction else path.name}", log.lengths.get(path))
        for path in paths
    ]


def write(out: IO[bytes], logs: Iterable[Checked], redaction: Redaction, tell: Tell | None = None) -> None:
    """Write the zip; `tell` hears how far the copying is. Raises OSError."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        sums: list[_Sum] = []
        told: list[Checked] = []
        for each in logs:
            quoted = _Quoted(quoted_places(each.report) if redaction else set())
            sums += [_put(bundle, copy, redaction, quoted, tell) for copy in copies(each.log, redaction)]
            told.append(each._replace(report=retold(each.report, quoted.lines)) if redaction else each)
        lines = (line for each in told for line in report_lines(each.log, each.report))
        bundle.writestr(VERDICT, "".join(f"{line}\n" for line in lines))
        bundle.writestr(FACTS, msgspec.json.format(msgspec.json.encode(_facts(told, sums, redaction))))
        how, check = (", redacted", _COPIES) if redaction else (" as they are", _WHOLE)
        made = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        bundle.writestr(READ_ME, _README.format(made=made, how=how, check=check))


def preview(logs: Iterable[Checked], redaction: Redaction, lines: int) -> Iterator[bytes]:
    """The last `lines` of each log as they would be sent, without their newlines."""
    for each in logs:
        newest = list(each.log.parts.values())[-1]
        for line in deque(_lines(newest, each.log.lengths.get(newest)), lines):
            yield redaction(line) if redaction else line


class _Sum(NamedTuple):
    name: str
    bytes: int
    sha256: str


class _Quoted:
    """Gathers the lines that stand at `places`, in both forms."""

    def __init__(self, places: Collection[Place]) -> None:
        self.lines: dict[Place, tuple[bytes, bytes]] = {}
        self._places = places

    def look(self, place: Place, before: bytes, after: bytes) -> None:
        """Take the line if it is one of them."""
        if place in self._places:
            self.lines[place] = (before, after)


def _put(bundle: zipfile.ZipFile, copy: Copy, redaction: Redaction, quoted: _Quoted, tell: Tell | None) -> _Sum:
    read = (
        _redacted(copy, redaction, quoted)
        if redaction
        else ((each, each) for each in file_blocks(copy.path, copy.length))
    )
    size, done, digest = 0, 0, sha256()
    with bundle.open(copy.name, "w", force_zip64=True) as file:
        for before, after in read:
            file.write(after)
            digest.update(after)
            size += len(after)
            done += len(before)
            if tell:
                tell(copy.path, done)
    return _Sum(copy.name, size, digest.hexdigest())


def _redacted(copy: Copy, redaction: Redaction, quoted: _Quoted) -> Iterator[tuple[bytes, bytes]]:
    for number, line in enumerate(_lines(copy.path, copy.length), 1):
        after = redaction(line)
        quoted.look((copy.path.name, number), line, after)
        yield line + b"\n", after + b"\n"


def _lines(path: Path, length: int | None) -> Iterator[bytes]:
    try:
        for line, _ in read_lines(path, LONGEST_LINE, length):
            yield line
    except BrokenError:
        # What is whole of it goes in; `verify` says that the rest is missing.
        return


def _facts(logs: list[Checked], sums: list[_Sum], redaction: Redaction) -> dict[str, object]:
    return {
        "version": VERSION,
        "format": FORMAT,
        "python": platform.python_version(),
        "system": platform.platform(),
        # Nobody needs to know the user's name from it.
        "settings": {name: os.environ[name].replace(str(Path.home()), "~") for name in _SETTINGS if name in os.environ},
        "redacted": {"fields": sorted(redaction.fields), "file_names": redaction.file_names},
        "logs": [
            {
                "run": each.run, "head": each.report.head, "state": each.report.state, "events": each.report.events,
                "lost": each.report.lost, "damages": len(each.report.findings) + each.report.more_findings,
                "gaps": [gap._asdict() for gap in each.report.gaps], "more_gaps": each.report.more_gaps,
            }
            for each in logs
        ],
        "files": [each._asdict() for each in sums],
    }  # fmt: skip
