"""The lines that the sidecar writes about a log, as bodies to be sealed. Pure but for `now`; shared/FORMAT.md is normative."""

import platform
import socket
import time
from typing import NamedTuple

from shared.chain import sidecar_body
from sidecar.admission import Gap

FORMAT = 1
VERSION = "0.1.0"
CLEAN, VANISHED = "clean", "vanished"
HOST = socket.gethostname()


class Owner(NamedTuple):
    """The GUI process of a run; `started` (unix seconds) tells it from a later one with the same pid."""

    pid: int
    started: float


def now() -> int:
    """Microseconds since 1970 UTC."""
    return time.time_ns() // 1000


def opening(now: int, run: str, owner: Owner, part: int, lost: int, last: int, continues: str = "") -> bytes:
    """First line of a part. `continues` says why a part follows one that could not be continued in its own file."""
    message = "Log opened" if part == 1 else f"Log continues in part {part}"
    extra: dict[str, object] = {
        "run": run,
        "pid": owner.pid,
        "started": owner.started,
        "host": HOST,
        "python": platform.python_version(),
        "version": VERSION,
        "format": FORMAT,
        "part": part,
        "lost": lost,
    }
    if continues:
        extra["continues"] = continues
        return sidecar_body(now, "warning", f"{message}: {continues}", extra, last)
    return sidecar_body(now, "info", message, extra, last)


def gap(now: int, lost: Gap, reason: str) -> bytes:
    """Declared loss of the numbers of `lost`."""
    extra: dict[str, object] = {"lost_from": lost.first, "lost_to": lost.last, "reason": reason}
    return sidecar_body(now, "warning", describe_loss(lost, reason), extra, lost.last)


def describe_loss(lost: Gap, reason: str) -> str:
    """`5 events lost: outbox full`."""
    return f"{'1 event' if lost.events == 1 else f'{lost.events} events'} lost: {reason}"


def describe_gap(lost: Gap, reason: str) -> str:
    """`5 events lost: outbox full (3 to 7)`."""
    return f"{describe_loss(lost, reason)} ({lost.first} to {lost.last})"


def repair(now: int, torn_bytes: int, last: int) -> bytes:
    """A torn last line of `torn_bytes` was cut before this line."""
    message = f"Cut a torn last line of {torn_bytes} bytes"
    return sidecar_body(now, "warning", message, {"repaired_bytes": torn_bytes}, last)


def deletion(now: int, run: str, files: int, size: int, reason: str, last: int) -> bytes:
    """The closed log of another `run` is deleted behind this line: so many `files`, `size` bytes in all."""
    extra: dict[str, object] = {"deleted_run": run, "deleted_files": files, "deleted_bytes": size, "reason": reason}
    return sidecar_body(now, "warning", f"Deleted the closed log of run {run}: {reason}", extra, last)


def attestation(now: int, minutes: int, last: int, lost: int) -> bytes:
    """The run is open at this time, and so far heard and lost as said; the next such line is due in so many `minutes`."""
    events = last - lost
    message = f"Attested: alive, {'1 event' if events == 1 else f'{events:,} events'}"
    extra: dict[str, object] = {"attested_events": events, "attested_lost": lost, "attested_minutes": minutes}
    return sidecar_body(now, "info", message, extra, last)


def closing(now: int, outcome: str, last: int, lost: int, known: int) -> bytes:
    """Last line of a run that ended `clean`, or `vanished` with events unsent that nobody will send any more."""
    unsent = max(known - last, 0)
    if outcome == CLEAN:
        message = "Run ended"
    elif unsent:
        message = f"Run vanished: its process is gone; at least {unsent} of its events never arrived"
    else:
        message = "Run vanished: its process ended without a goodbye"
    return _closing(now, outcome, message, last, lost, max(known, last))


def unheard_closing(now: int, last: int, lost: int) -> bytes:
    """Last line of a run that ended while no sidecar was there: nobody knows what it still had to say."""
    return _closing(now, VANISHED, "Run vanished: its process ended while no sidecar was there", last, lost, last)


def _closing(now: int, outcome: str, message: str, last: int, lost: int, known: int) -> bytes:
    extra: dict[str, object] = {"outcome": outcome, "events": last - lost, "lost": lost, "known": known}
    return sidecar_body(now, "info" if outcome == CLEAN else "warning", message, extra, last)
