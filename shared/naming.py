"""Names of runs, logs and directories. Pure: arithmetic on strings and paths, no file is touched.

- A run id is checked against its pattern before it becomes part of a path.
- Both sides compute the same run directory from the same settings, so they meet without a registry.
"""

import os.path
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from shared.errors import SettingsError

AUDIT_DIR_VARIABLE = "DATATOOLS_AUDIT_DIR"
RUN_DIR_VARIABLE = "DATATOOLS_RUN_DIR"

RUN_ID = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}", re.ASCII)
LOG_NAME = re.compile(
    r"datatools-(?P<run>[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8})(?:\.(?P<part>[1-9][0-9]{0,8}))?\.jsonl", re.ASCII
)

# The highest number that LOG_NAME allows.
MAX_PART = 999_999_999
# What the name of a part ends in once it is compressed.
COMPRESSED = ".zst"
# And while it is being compressed.
TEMPORARY = ".tmp"

# sockaddr_un.sun_path holds 108 bytes on Linux and 104 on macOS, with the closing NUL; the longest name here is 6 + "/".
SOCKET_PATH_MAX = 100

# The sidecar's first line of output starts so; the keeper knows by it that the sidecar had been ready.
READY = "Sidecar ready"


class Directories(NamedTuple):
    """Where a pair of GUI and sidecar meet: `audit` holds the logs, `run` the sockets and the lock."""

    audit: Path
    run: Path


def make_run_id(started: datetime, random: bytes) -> str:
    """`20261123T153000Z-a1b2c3d4` from the start of the run (any time zone) and four random bytes."""
    return f"{started.astimezone(UTC):%Y%m%dT%H%M%SZ}-{random[:4].hex()}"


def is_run_id(text: str) -> bool:
    """Whether `text` is a run id and therefore safe as part of a file name."""
    return RUN_ID.fullmatch(text) is not None


def log_name(run: str, part: int = 1) -> str:
    """File name of a part of the run's log; parts count from 1 and the first carries no number."""
    if not is_run_id(run):
        raise ValueError(f"not a run id: {run[:80]!r}")
    return f"datatools-{run}.jsonl" if part == 1 else f"datatools-{run}.{part}.jsonl"


def parse_log_name(name: str) -> tuple[str, int] | None:
    """`(run, part)` of a log's file name, or None for any other file."""
    match = LOG_NAME.fullmatch(name)
    if match is None:
        return None
    part = int(match["part"] or 1)
    # "….1.jsonl" is nobody's name: the first part carries no number.
    return None if match["part"] == "1" else (match["run"], part)


def compressed_name(run: str, part: int = 1) -> str:
    """File name of the compressed form of a part."""
    return log_name(run, part) + COMPRESSED


def parse_part_name(name: str) -> tuple[str, int, bool] | None:
    """`(run, part, compressed)` of the file name of a part in either form, or None for any other file."""
    parsed = parse_log_name(name.removesuffix(COMPRESSED))
    return None if parsed is None else (*parsed, name.endswith(COMPRESSED))


def resolve_directories(environ: Mapping[str, str], home: Path, cwd: Path, temp: Path, user: str) -> Directories:
    """Return the directories of these settings. `user` tells users apart where only `temp` is left to meet in."""
    audit = _absolute(environ.get(AUDIT_DIR_VARIABLE) or "~/.datatools/logs", home, cwd)
    if chosen := environ.get(RUN_DIR_VARIABLE):
        return Directories(audit, _absolute(chosen, home, cwd))
    name = f"datatools-{sha256(str(audit).encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    return Directories(audit, Path(runtime, name) if runtime.startswith("/") else Path(temp, f"datatools-{user}", name))


def check_text(directories: Directories) -> None:
    """Raise SettingsError when a path is not text: it could not be told to anybody."""
    for path in directories:
        try:
            str(path).encode()
        except UnicodeEncodeError:
            raise SettingsError(
                f"The path {str(path)!r} is not UTF-8. Set {AUDIT_DIR_VARIABLE} and {RUN_DIR_VARIABLE} to paths that are."
            ) from None


def check_socket_path(run_dir: Path) -> None:
    """Raise SettingsError when a socket in `run_dir` would get a path longer than the system allows, or not of text."""
    check_text(Directories(run_dir, run_dir))
    longest = len(str(run_dir / "events").encode())
    if longest > SOCKET_PATH_MAX:
        raise SettingsError(
            f"The run directory {run_dir} makes socket paths of {longest} bytes; the system allows about "
            f"{SOCKET_PATH_MAX}. Set {RUN_DIR_VARIABLE} to a shorter path."
        )


def _absolute(path: str, home: Path, cwd: Path) -> Path:
    if path == "~" or path.startswith("~/"):
        path = str(home) + path[1:]
    # normpath, not resolve(): resolving asks the file system, which may hang.
    return Path(os.path.normpath(Path(cwd, path)))
