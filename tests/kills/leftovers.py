"""What killed processes may leave behind: processes of theirs, the lock, sockets that answer."""

import fcntl
import os
import socket
from collections.abc import Container
from pathlib import Path

import psutil

from tests.support.processes import Pair
from tests.support.waiting import until


def wait_until_nothing_is_left(pair: Pair, *, but: Container[int] = ()) -> None:
    """No process of these directories lives `but` those, nobody holds the lock, and nobody listens at the sockets."""
    until(lambda: not processes_of(pair.run_dir, but), lambda: f"the end of {processes_of(pair.run_dir, but)}")
    assert is_free(pair.run_dir / "lock")
    assert [name for name in ("events", "acks", "ask") if listens(pair.run_dir / name)] == []


def processes_of(run_dir: Path, but: Container[int] = ()) -> list[str]:
    """Those that were started with that run directory, but for this one and those."""
    setting = f"DATATOOLS_RUN_DIR={run_dir}".encode()
    found = []
    for process in psutil.process_iter():
        if process.pid == os.getpid() or process.pid in but:
            continue
        try:
            environ = Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0")
            if setting in environ and process.status() != psutil.STATUS_ZOMBIE:
                found.append(f"{process.pid} {' '.join(process.cmdline())}")
        except (OSError, psutil.NoSuchProcess):
            # It ended while we looked, or is somebody else's.
            continue
    return found


def is_free(lock: Path) -> bool:
    """Whether nobody holds the lock of a run directory, which may not be there yet."""
    if not lock.exists():
        return True
    with lock.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def listens(path: Path) -> bool:
    """Whether somebody accepts connections at a socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
    return True
