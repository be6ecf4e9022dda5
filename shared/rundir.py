"""The run directory on disk: made by the sidecar, checked by both sides before a socket in it is trusted."""

import os
import stat
from pathlib import Path

from shared.errors import SettingsError
from shared.naming import RUN_DIR_VARIABLE, check_socket_path


def prepare(run_dir: Path, *, sockets: bool = True) -> None:
    """Make the run directory, mode 0700, and check it. Raises SettingsError with what to do."""
    if sockets:
        check_socket_path(run_dir)
    try:
        run_dir.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        run_dir.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"Cannot make the run directory {run_dir}: {error.strerror}. Set {RUN_DIR_VARIABLE} to a directory of yours."
        ) from error
    check(run_dir, sockets=sockets)


def check(run_dir: Path, *, sockets: bool = True) -> None:
    """Raise SettingsError unless `run_dir` is a directory of this user's that nobody else can write to.

    Raises FileNotFoundError while it is not there. `sockets`: whether its path must fit the address of one.
    """
    if sockets:
        check_socket_path(run_dir)
    found = run_dir.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise SettingsError(f"{run_dir} is not a directory. Remove it, or set {RUN_DIR_VARIABLE} to another path.")
    if not hasattr(os, "getuid"):
        return
    if found.st_uid != os.getuid():
        raise SettingsError(f"{run_dir} belongs to another user. Set {RUN_DIR_VARIABLE} to a directory of yours.")
    if run_dir.parent.lstat().st_uid not in {0, os.getuid()}:
        raise SettingsError(
            f"{run_dir.parent} belongs to another user. Set {RUN_DIR_VARIABLE} to a directory of yours."
        )
    if found.st_mode & 0o022:
        raise SettingsError(f"Other users can write to {run_dir}. Run: chmod go-w {run_dir}")
