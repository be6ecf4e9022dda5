"""`python -m sidecar keys [--replace]`: the keys of a run directory, made once by the first sidecar that needs them."""

import os
import sys
from pathlib import Path

from shared import rundir
from shared.curve import KEYS_NAME, Keys, new_keys, read_keys, write_keys
from shared.errors import SettingsError
from shared.naming import Directories
from sidecar import lock

RESTART = "Start the sidecar again. A GUI or a `tail` that runs takes the new ones by itself."


def make_once(run_dir: Path) -> Keys:
    """The keys of `run_dir`, made when there are none. The caller holds the lock. Raises SettingsError."""
    try:
        return read_keys(run_dir)
    except FileNotFoundError:
        write_keys(run_dir, new_keys())
        return read_keys(run_dir)


def run(directories: Directories, *, replace: bool) -> int:
    """Show the public keys, or replace all. Returns the exit status; raises AuditError, also while a sidecar runs."""
    path = directories.run / KEYS_NAME
    if replace:
        rundir.prepare(directories.run, sockets=False)
        held = lock.take(directories.run)
        try:
            write_keys(directories.run, new_keys())
        finally:
            os.close(held)
    try:
        rundir.check(directories.run, sockets=False)
        keys = read_keys(directories.run)
    except FileNotFoundError:
        raise SettingsError(f"There are no keys at {path}: the first sidecar over TCP makes them.") from None
    sys.stdout.write(f"{path}\n  sidecar   {keys.sidecar_public}\n  clients   {keys.client_public}\n")
    if replace:
        sys.stdout.write(f"Replaced: who has the old keys is refused from now on. {RESTART}\n")
    return 0
