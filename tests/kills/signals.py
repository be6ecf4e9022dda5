"""Ctrl-C, SIGTERM and SIGHUP at each phase of the start and the end of sidecar, keeper and launcher."""

import os
from itertools import product
from signal import SIGCONT, SIGHUP, SIGINT, SIGTERM, Signals
from typing import NamedTuple

from tests.kills.plans import Plan
from tests.support import logs
from tests.support.processes import Pair

SIGNALS = (SIGINT, SIGTERM, SIGHUP)
# What a shell makes of a process that SIGINT ended.
INTERRUPTED = 130


class Phase(NamedTuple):
    """A step of `program`, the `time`-th; `is_second`: it was told to end before, by SIGTERM."""

    program: str
    step: str
    time: int = 1
    is_second: bool = False


# Phases in which nobody handles a signal yet: it ends the process.
DEFENCELESS = [Phase("sidecar", "importing"), Phase("sidecar", "exiting", is_second=True), Phase("keeper", "importing")]
# In which Ctrl-C raises KeyboardInterrupt, which `python -m sidecar` makes 130 of.
RAISING = [
    Phase("sidecar", "before the lock"), Phase("sidecar", "locked"), Phase("sidecar", "sockets closed", is_second=True),
]  # fmt: skip
# In which it ends in order.
ORDERLY = [
    Phase("sidecar", "bound", 1), Phase("sidecar", "bound", 3), Phase("sidecar", "ready"), Phase("keeper", "before the child"),
    Phase("keeper", "started"), Phase("keeper", "ready"), Phase("gui", "importing"), Phase("gui", "starting the server"),
    Phase("gui", "beginning"), Phase("gui", "begun"), Phase("gui", "serving"), Phase("gui", "ending", is_second=True),
    Phase("gui", "closed", is_second=True),
]  # fmt: skip
BEFORE_THE_SERVER = {"importing", "starting the server"}
# In which a second signal ends it at once.
CUT_SHORT = [
    Phase("sidecar", "draining", is_second=True), Phase("sidecar", "ending", is_second=True),
    Phase("sidecar", "settled", is_second=True), Phase("keeper", "asked", is_second=True),
]  # fmt: skip


def expected(phase: Phase, number: Signals) -> int:
    """The exit code."""
    if phase in ORDERLY:
        return 0
    if phase in CUT_SHORT:
        return 1
    return INTERRUPTED if phase in RAISING and number == SIGINT else -number


EVERY_CASE = list(product([*DEFENCELESS, *RAISING, *ORDERLY, *CUT_SHORT], SIGNALS))


def check(pair: Pair, phase: Phase, number: Signals) -> None:
    """Send `number` to a process that is held in that phase. It ends as it should, without a traceback."""
    plan = Plan(pair.root / f"{phase.program}-{phase.step}-{number.name}".replace(" ", "-"), phase.program)
    name = plan.stop(phase.step, phase.time)
    # One that is told of the GUI's first event, when its server runs.
    sidecar = pair.ready_sidecar() if phase.program == "gui" and phase.step not in BEFORE_THE_SERVER else None
    process = pair.python(*plan.arguments, *(["--port", "0"] if phase.program == "gui" else []))
    if phase.is_second:
        (sidecar or process).wait_for_line("GUI started" if sidecar else "Sidecar ready")
        process.signal(SIGTERM)
    pid = plan.wait_struck(name)
    assert pid == process.pid
    os.kill(pid, number)
    os.kill(pid, SIGCONT)
    code = process.wait()
    said = f"{phase} {number.name}: {code} {process.out} {process.err}"
    assert (code, process.err) == (expected(phase, number), []), said
    if sidecar is not None:
        (log,) = pair.log_files()
        assert pair.wait_for_closing(log)["outcome"] == "clean"
        assert logs.messages(logs.read(log)) == ["GUI started", "Session ending"]
