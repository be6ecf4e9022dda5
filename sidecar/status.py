"""`python -m sidecar status`: what a running sidecar says of itself."""

import sys
import time

from shared.errors import NoAnswerError
from shared.naming import Directories
from shared.presence import END, RESUME
from shared.printable import printable
from shared.wire import Heartbeat, RunStatus, Status
from sidecar import lock
from sidecar.forward.words import describe as describe_forwarding
from sidecar.question import ask_status

NO_ANSWER = 3


def run(directories: Directories) -> int:
    """Print the status. Returns the exit status: 0, or 3 when no sidecar answers within a second."""
    try:
        status = ask_status(directories)
    except NoAnswerError as error:
        sys.stderr.write("\n".join(map(printable, _explain(error, directories))) + "\n")
        return NO_ANSWER
    sys.stdout.write("\n".join(map(printable, describe(status, time.time()))) + "\n")
    return 0


def describe(status: Status, now: float) -> list[str]:
    """The lines to print; `now` in unix seconds."""
    beat = status.heartbeat
    lines = [
        _state(beat, now),
        f"  sidecar   pid {beat.pid} ({beat.sidecar}), up {_duration(now - beat.started / 1e6)}",
        f"  logs in   {beat.directory}",
        f"  written   {_count(beat.events, 'event')}, {beat.lost:,} lost, {_refused(beat)} refused",
        f"  waiting   {beat.queued_bytes:,} bytes",
    ]
    if beat.forwarding is not None:
        lines.append(f"  forwards  {describe_forwarding(beat.forwarding)}")
        if beat.forwarding.notice:
            lines.append(f"    note    {beat.forwarding.notice}")
    for run in status.runs:
        lines += _run(run)
    return lines if status.runs else [*lines, "  No GUI is connected."]


def _state(beat: Heartbeat, now: float) -> str:
    for_s = _duration(now - beat.since / 1e6)
    details = f": {beat.file}: {beat.reason}" if beat.reason else ""
    return f"{beat.state.capitalize()} for {for_s}{details}"


def _refused(beat: Heartbeat) -> str:
    frames = _count(beat.refused - beat.peers, "frame")
    return f"{frames} and {_count(beat.peers, 'connection')}" if beat.peers else frames


def _run(run: RunStatus) -> list[str]:
    lines = [
        f"  run {run.run} (pid {run.pid}): durable through {run.durable:,}, {run.lost:,} lost",
        f"    file    {run.file}",
        f"    head    {run.head}",
    ]
    return [*lines, f"    note    {run.notice}"] if run.notice else lines


def _explain(error: NoAnswerError, directories: Directories) -> list[str]:
    try:
        holder = lock.find_holder(directories.run)
    except OSError:
        # No sidecar ever ran here, or this is no run directory.
        return [str(error)]
    match holder.presence:
        case "gone":
            return [str(error), f"The last one was {holder}."]
        case "dying":
            advice = "The next one begins when it is gone."
        case "stopped":
            advice = f"Let it go on with: {RESUME} {holder.pid}" if RESUME else "Resume it."
        case "running":
            advice = f"It runs and says nothing; if that lasts, end it with: {END} {holder.pid}"
    return [f"No sidecar answers at {directories.run}.", f"The last one is {holder}. {advice}"]


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(max(int(seconds), 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
