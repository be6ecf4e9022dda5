"""A GUI-like process: does what each line on stdin asks (a JSON list: command, arguments), answers with a JSON object.

Run as `python -m tests.trail.producer`. It ends when it is told to or when stdin does, by itself, as any program ends.
"""

import dataclasses
import faulthandler
import json
import sys
from time import monotonic

from gui import audit
from tests.trail import exhausting, flooding, forking, interrupting
from tests.trail.commands import COMMANDS, Answer, command

__all__ = ["exhausting", "flooding", "forking", "interrupting"]

# A deadlock names itself before the test's own deadline.
DEADLOCK_S = 100


@command
def run() -> Answer:
    return {"run": audit.audit_status().run}


@command
def status() -> Answer:
    found = dataclasses.asdict(audit.audit_status())
    return {**found, "log_path": str(found["log_path"])}


@command
def flush(timeout_s: float) -> Answer:
    return dataclasses.asdict(audit.flush_audit_log(timeout_s))


@command
def log(first: int, last: int, size: int = 0) -> Answer:
    """Log `event first` to `event last`, each with an extra of `size` bytes; says how long the slowest call took."""
    slowest = 0.0
    extra = {"text": "x" * size} if size else {}
    for number in range(first, last + 1):
        begun = monotonic()
        audit.log_event("tool_run", f"event {number}", n=number, **extra)
        slowest = max(slowest, monotonic() - begun)
    return {"slowest": slowest}


@command
def say(category: str, message: str) -> Answer:
    audit.log_event(category, message)
    return {}


@command
def stay(seconds: float) -> Answer:
    """Be asked things for so long; a deadlock does not name itself before."""
    faulthandler.dump_traceback_later(seconds, exit=True)
    return {}


@command
def without_zmq_send() -> Answer:
    """Send as on a platform where ctypes does not find libzmq's own send."""
    from gui.audit import push  # noqa: PLC0415 - the fallback is what this command is about

    found = push._find_zmq_send() is not None
    push._find_zmq_send = lambda: None
    return {"found": found}


def main() -> None:
    faulthandler.dump_traceback_later(DEADLOCK_S, exit=True)
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        if name == "end":
            return
        sys.stdout.write(json.dumps(COMMANDS[name](*arguments)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
