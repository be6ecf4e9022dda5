"""The keeper is killed at each named step: its sidecar notices and ends, and the next keeper goes on at once."""

import os
import signal

import pytest

from tests.kills.checking import check_flood
from tests.kills.leftovers import wait_until_nothing_is_left
from tests.kills.plans import Plan
from tests.support.processes import READY, Pair, Process

pytestmark = pytest.mark.long

STEPS = ["before the child", "started", "ready", "asked", "child ended"]


def test_a_killed_keeper_leaves_nothing_behind_and_the_next_one_goes_on(pair: Pair) -> None:
    plan = Plan(pair.root / "plan", "keeper")
    gui = pair.producer()
    gui.ask("flood", 2, 100, 0)
    for step in STEPS:
        name = plan.strike(step)
        keeper = pair.python(*plan.arguments)
        if step == "asked":
            keeper.wait_for_line("Sidecar ready")
            keeper.signal(signal.SIGTERM)
        if step == "child ended":
            os.kill(ready_pid(keeper), signal.SIGKILL)
        assert plan.wait_struck(name) == keeper.pid
        keeper.wait()
    # Nothing is left but the GUI, without anybody having cleaned up.
    wait_until_nothing_is_left(pair, but={gui.pid})
    keeper = pair.python(*plan.arguments)
    keeper.wait_for_line("Sidecar ready")
    logged = gui.ask("stop_flood")["logged"]
    assert gui.wait_for_durable(sum(logged))["lost"] == 0
    # The socket files of the killed ones were in nobody's way.
    assert not [line for line in keeper.out if line.startswith("keeper: ")]
    assert gui.end() == 0
    keeper.signal(signal.SIGTERM)
    assert keeper.wait() == 0
    wait_until_nothing_is_left(pair)
    check_flood(pair.audit, gui.run, logged)


def ready_pid(keeper: Process) -> int:
    found = READY.search(keeper.wait_for_line("Sidecar ready"))
    assert found is not None
    return int(found[1])
