"""What goes into a bundle: the logs, what `verify` says of them, and what a reader needs to know. Streams; reads only."""

import os
import platform
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import msgspec

from shared.naming import AUDIT_DIR_VARIABLE, COMPRESSED, RUN_DIR_VARIABLE
from shared.transport import TRANSPORT_VARIABLE
from sidecar.bundle.redaction import Redaction
from sidecar.limits import KEEP_BYTES_VARIABLE, KEEP_DAYS_VARIABLE, PART_BYTES_VARIABLE
from sidecar.log_tail import LONGEST_LINE
from sidecar.parts import Log
from sidecar.reading import file_blocks, read_lines
from sidecar.records import FORMAT, VERSION
from sidecar.verify import report_lines
from sidecar.verify.report import Report

# Named one by one: a setting of tomorrow may hold a secret.
_SETTINGS = (
    AUDIT_DIR_VARIABLE, RUN_DIR_VARIABLE, TRANSPORT_VARIABLE, PART_BYTES_VARIABLE, KEEP_DAYS_VARIABLE, KEEP_BYTES_VARIABLE,
)  # fmt: skip

_README = """\
A support bundle of datatools-audit, made {made} UTC.

verify.txt   what `python -m sidecar verify` said of the logs where they lie
bundle.json  versions, settings, and of each log its head, its events and its losses
logs/        the logs{how}

{check}
"""
_WHOLE = "To check them here: unzip this file and run `python -m sidecar verify logs`."
_COPIES = (
    "What was taken out of them stands as <redacted>. These copies no longer fit together as a chain, so `verify` would "
    "call them damaged; verify.txt says how it is with the originals. It is not redacted: it quotes the reasons of losses."
)


class Checked(NamedTuple):
    """A log, the run whose it is, and what `verify` says of it."""

    log: Log
    run: str
    report: Report


def write(file: Path, logs: Iterable[Checked], redaction: Redaction) -> int:
    """Write the zip, which must not be there yet, for this user alone. Returns its size in bytes. Raises OSError."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
            _fill(bundle, list(logs), redaction)
    except BaseException:
        # Half a zip would be sent by somebody.
        file.unlink()
        raise
    return file.stat().st_size


def _fill(bundle: zipfile.ZipFile, logs: list[Checked], redaction: Redaction) -> None:
    # Of a part that is there in both forms, a redacted copy would be the same twice.
    paths = [path for each in logs for path in (each.log.parts if redaction else each.log.files).values()]
    sums = [_put(bundle, path, redaction) for path in paths]
    bundle.writestr("verify.txt", "".join(f"{line}\n" for each in logs for line in report_lines(each.log, each.report)))
    bundle.writestr("bundle.json", msgspec.json.format(msgspec.json.encode(_facts(logs, sums, redaction))))
    how, check = (", redacted", _COPIES) if redaction else (" as they are", _WHOLE)
    made = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    bundle.writestr("README.txt", _README.format(made=made, how=how, check=check))


def preview(logs: Iterable[Checked], redaction: Redaction, lines: int) -> Iterator[bytes]:
    """The last `lines` of each log as they would be sent, without their newlines."""
    for each in logs:
        newest = list(each.log.parts.values())[-1]
        last: list[bytes] = []
        for line in _lines(newest, redaction):
            last = [*last[-lines + 1 :], line]
        yield from last


class _Sum(NamedTuple):
    name: str
    bytes: int
    sha256: str


def _put(bundle: zipfile.ZipFile, path: Path, redaction: Redaction) -> _Sum:
    name = f"logs/{path.name.removesuffix(COMPRESSED) if redaction else path.name}"
    blocks = (line + b"\n" for line in _lines(path, redaction)) if redaction else file_blocks(path)
    size, digest = 0, sha256()
    with bundle.open(name, "w", force_zip64=True) as file:
        for block in blocks:
            file.write(block)
            size += len(block)
            digest.update(block)
    return _Sum(name, size, digest.hexdigest())


def _lines(path: Path, redaction: Redaction) -> Iterator[bytes]:
    for line, _ in read_lines(path, LONGEST_LINE):
        yield redaction(line) if redaction else line


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
            }
            for each in logs
        ],
        "files": [each._asdict() for each in sums],
    }  # fmt: skip
