"""A program ends without a flush, and no sidecar is there: what it takes with it is said on stderr, once, in time."""

import signal
from time import monotonic

import pytest

from tests.support import logs
from tests.support.processes import Pair, Process
from tests.support.waiting import until

pytestmark = pytest.mark.long

# 0.5 s of flushing and 1 s for a goodbye; the rest is for a busy machine, which has to end an interpreter.
IN_TIME_S = 10.0

LOG = """
import os, signal, sys, threading, time
from gui import audit
for number in range({events}):
    audit.log_event("nav", f"event {{number}}")
sys.stdout.write("leaving\\n")
{end}
"""

IN_ORDER = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(4)); os.kill(os.getpid(), signal.SIGTERM); signal.pause()"
ENDS = {
    "sys.exit": ("sys.exit(3)", 3),
    "an uncaught exception": ("raise ValueError('no')", 1),
    "Ctrl-C": ("os.kill(os.getpid(), signal.SIGINT); signal.pause()", -signal.SIGINT),
    "a signal that ends it in order": (IN_ORDER, 4),
}


def left_behind(process: Process) -> list[str]:
    return [line.partition(" before ")[2].partition(" were ")[0] for line in process.err if "datatools-audit" in line]


def leave(pair: Pair, events: int, end: str) -> Process:
    process = pair.python("-c", LOG.format(events=events, end=end))
    process.wait_for_line("leaving")
    return process


@pytest.mark.parametrize(("end", "code"), ENDS.values(), ids=ENDS.keys())
def test_however_a_program_ends_it_says_how_many_events_it_takes_with_it(pair: Pair, end: str, code: int) -> None:
    process = leave(pair, 12, end)
    begun = monotonic()
    assert process.wait() == code
    assert monotonic() - begun < IN_TIME_S
    assert left_behind(process) == ["12 events"]
    assert any("Traceback" in line for line in process.err) == (end.startswith("raise") or code == -signal.SIGINT)


def test_a_forked_child_speaks_for_itself_and_its_parent_for_itself(pair: Pair) -> None:
    child = "[audit.log_event('nav', 'child') for _ in range(5)]; sys.exit(0)"
    process = leave(pair, 12, f"if os.fork() == 0: {child}\nos.wait()")
    assert process.wait() == 0
    assert left_behind(process) == ["5 events", "12 events"]


@pytest.mark.parametrize("end", ["os._exit(7)", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_a_program_that_ends_at_once_can_say_nothing_and_its_log_says_that_it_vanished(pair: Pair, end: str) -> None:
    pair.ready_sidecar()
    process = leave(pair, 12, f"audit.flush_audit_log(60); audit.log_event('nav', 'last words'); {end}")
    process.wait()
    assert process.err == []
    until(lambda: len(pair.log_files()) == 1, "a log")
    [log] = pair.log_files()
    assert pair.wait_for_closing(log)["outcome"] == "vanished"
    # With or without what was logged in its last instant.
    assert logs.messages(logs.read(log))[:12] == [f"event {n}" for n in range(12)]
