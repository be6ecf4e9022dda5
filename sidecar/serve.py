"""`python -m sidecar`: settings, lock and signals around one life of the server."""

import contextlib
import os
import signal
import socket
from collections.abc import Iterator
from types import FrameType

from shared import rundir, settings, streams
from shared.naming import Directories, check_text
from sidecar import lock
from sidecar.attestation import read_minutes
from sidecar.descriptors import make_room
from sidecar.forward.target import read_target
from sidecar.limits import read_limits
from sidecar.server import Server


def serve(directories: Directories) -> int:
    """Serve until SIGTERM or SIGINT. Returns the exit status; raises AuditError when it cannot begin."""
    os.umask(0o077)
    streams.occupy()
    limits, transport = read_limits(os.environ), settings.transport()
    target = read_target(os.environ, socket.gethostname())
    attest_minutes = read_minutes(os.environ)
    check_text(directories)
    rundir.prepare(directories.run, sockets=transport == "ipc")
    lock_fd = lock.take(directories.run)
    server = Server(directories, transport, make_room(), limits, target=target, attest_minutes=attest_minutes)
    with _signals(server):
        server.startup()
        server.main_loop()
        status = server.shutdown()
    server.close()
    os.close(lock_fd)
    return status


@contextlib.contextmanager
def _signals(server: Server) -> Iterator[None]:
    """The handlers only set a flag and wake the main loop; what was there before comes back."""

    def handle(_number: int, _frame: FrameType | None) -> None:
        server.request_stop()

    numbers = [signal.SIGTERM, signal.SIGINT]
    # nohup ignores SIGHUP for what it starts.
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    before = [signal.signal(number, handle) for number in numbers]
    wakeup = signal.set_wakeup_fd(server.wake_fd, warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
