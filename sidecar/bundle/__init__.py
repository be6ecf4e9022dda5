"""`python -m sidecar bundle`: one zip for support. Reads the logs itself and needs no sidecar.

Exit status: 0 all of it is in the zip, 1 there was nothing to put in, 2 something could not be read.
"""

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from shared.errors import SettingsError
from shared.printable import printable
from shared.settings import directories
from sidecar.bundle.contents import Checked, preview, write
from sidecar.bundle.redaction import Redaction
from sidecar.complaints import Complaints
from sidecar.parts import collect, fixed, run_inside
from sidecar.verify import check_files
from sidecar.verify.ahead import usable_cpus

DONE, NOTHING, UNREADABLE = 0, 1, 2
PREVIEW_LINES = 5

_DESCRIPTION = """\
Put logs into one zip for support, with what `verify` says of them, their heads, and the versions and settings in use.
--redact and --redact-file-names take out what is nobody else's business, of a field's value also what the same line says of
it elsewhere. What other lines say of it in words of their own stays: look first with --preview.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.description = _DESCRIPTION
    add = parser.add_argument
    add(
        "paths", nargs="*", type=Path, metavar="FILE|DIR", help="logs, or directories of logs; else the audit directory"
    )
    add("--run", action="append", metavar="RUN", help="only this run: its id, or the last 8 characters of it")
    add("--redact", action="append", default=[], metavar="FIELD", help="replace the values of this field, at any depth")
    add("--redact-file-names", action="store_true", help="replace the names of files, in messages, too")
    add(
        "--preview",
        action="store_true",
        help=f"print the last {PREVIEW_LINES} lines of each log as they would be sent, and write nothing",
    )
    add("--output", type=Path, metavar="ZIP", help="where the zip goes; default: datatools-support-….zip here")


def run(arguments: argparse.Namespace) -> int:
    """Write the zip, or show what would be in it, and return the exit status. Raises SettingsError when it cannot be written."""
    complain = Complaints("bundle")
    logs = []
    for log in collect(arguments.paths or [directories().audit], complain):
        try:
            run_id = run_inside(log)
            if arguments.run is None or run_id.endswith(tuple(arguments.run)):
                as_now = fixed(log)
                logs.append(Checked(as_now, run_id, check_files(as_now, processes=usable_cpus())))
        except OSError as error:
            complain(Path(error.filename or log.name), error)
    if not logs:
        of_run = f" of run {printable(', '.join(arguments.run))}" if arguments.run else ""
        sys.stderr.write(f"There is no log{of_run} to put into a bundle.\n")
        return UNREADABLE if complain.count else NOTHING
    redaction = Redaction(frozenset(arguments.redact), arguments.redact_file_names)
    if arguments.preview:
        for line in preview(logs, redaction, PREVIEW_LINES):
            sys.stdout.write(f"{printable(line.decode('utf-8', 'backslashreplace'))}\n")
    else:
        _write(arguments.output or _default_name(), logs, redaction)
        if unmet := sorted(redaction.fields - redaction.met):
            names = printable(", ".join(unmet))
            sys.stderr.write(f"No line has a field of this name, so nothing was taken out for it: {names}\n")
    return UNREADABLE if complain.count else DONE


def _write(file: Path, logs: list[Checked], redaction: Redaction) -> None:
    try:
        size = _write_new(file, logs, redaction)
    except FileExistsError as error:
        raise SettingsError(f"{file} is there already. Name another with --output.") from error
    except OSError as error:
        if error.filename is not None and Path(error.filename) != file:
            # It was compressed or deleted since it was found, say.
            raise SettingsError(
                f"{error.filename} cannot be read: {error.strerror}. Nothing was written; try again."
            ) from error
        raise SettingsError(
            f"{file} cannot be written: {error.strerror or error}. Name another with --output."
        ) from error
    what = "1 log" if len(logs) == 1 else f"{len(logs):,} logs"
    sys.stdout.write(f"{file}: {what}, {size:,} bytes. Look into it before you send it.\n")


def _write_new(file: Path, logs: list[Checked], redaction: Redaction) -> int:
    """Write the zip, which must not be there yet, for this user alone. Returns its size in bytes."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            write(out, logs, redaction)
    except BaseException:
        # Half a zip would be sent by somebody.
        file.unlink()
        raise
    return file.stat().st_size


def _default_name() -> Path:
    return Path(f"datatools-support-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.zip")
