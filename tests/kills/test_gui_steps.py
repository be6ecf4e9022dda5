"""The GUI is killed at each named step of an event's way: its log is closed, and what it knew to be durable is there."""

from functools import partial

import pytest

from tests.fault.beside import side_by_side
from tests.kills.checking import check_flood_until_killed, closings, read_run
from tests.kills.plans import Plan
from tests.support.processes import Pair

pytestmark = pytest.mark.long

# A step and the how-manieth time, far enough for the sidecar to have heard of the run.
STEPS = [
    ("greeting", 1), ("numbering", 100), ("kept", 100), ("sent", 100), ("acknowledged", 10), ("before Bye", 1), ("said Bye", 1),
]  # fmt: skip


def test_killed_at_each_step_a_gui_leaves_a_closed_log_that_holds_all_it_knew_to_be_durable(
    pair: Pair, subtests: pytest.Subtests
) -> None:
    pair.ready_sidecar()
    side_by_side(subtests, {step: partial(kill, pair, step, time) for step, time in STEPS})
    assert pair.verify()[0] == 0


def kill(pair: Pair, step: str, time: int) -> None:
    plan = Plan(pair.root / step.replace(" ", "-"), "producer")
    name = plan.strike(step, time)
    gui = pair.producer(*plan.arguments[2:])
    gui.tell("flood", 2, 100, 0)
    if "Bye" in step:
        gui.answer()
        gui.tell("end_flood")
    assert plan.wait_struck(name) == gui.pid
    if plan.acknowledged == 0:
        # Killed before it said Hello, or before anybody took it: it knew nothing to be durable.
        assert step in {"greeting", "numbering", "kept", "sent"}
        return
    pair.wait_for_closing(gui.log)
    check_flood_until_killed(pair.audit, gui.run, plan.acknowledged)
    (closing,) = closings(read_run(pair.audit, gui.run))
    said_goodbye = step == "said Bye"
    assert closing["outcome"] in ({"clean", "vanished"} if said_goodbye else {"vanished"})
    if "Bye" in step:
        assert plan.acknowledged == closing["last"] == closing["known"] > 0
