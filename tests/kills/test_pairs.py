"""A share of what `python -m tests.kills --pairs` does: each pair at one step."""

import pytest

from tests.kills.pairs import PAIRS
from tests.kills.plans import Plan
from tests.support.processes import Pair

pytestmark = pytest.mark.long


@pytest.mark.parametrize(
    ("who", "step"),
    [("sidecar and GUI", "appended"), ("sidecar and keeper", "fsynced"), ("GUI and keeper", "acknowledged")],
)
def test_two_killed_in_the_same_instant_lose_nothing_that_was_acknowledged(pair: Pair, who: str, step: str) -> None:
    PAIRS[who](pair, step)


@pytest.mark.parametrize("step", ["created", "half appended"])
def test_sidecar_and_gui_killed_before_the_first_line_of_a_log_is_whole_leave_a_log_that_is_closed(
    pair: Pair, step: str
) -> None:
    plan = Plan(pair.root / "plan", "sidecar")
    name = plan.stop(step)
    first, gui = pair.python(*plan.arguments), pair.producer()
    gui.ask("log", 1, 3)
    plan.wait_struck(name)
    for process in (gui, first):
        process.kill()
        process.wait()
    assert b"\n" not in gui.log.read_bytes()
    pair.ready_sidecar()
    # Nobody is left who could say what it was to hold; it is not left open for ever.
    closing = pair.wait_for_closing(gui.log)
    assert (closing["outcome"], closing["events"]) == ("vanished", 0)
    assert pair.verify()[0] == 0
