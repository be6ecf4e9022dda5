"""A share of what `python -m tests.kills --signals` does: a phase of each kind, with a signal that makes a difference there."""

from contextlib import ExitStack
from functools import partial
from signal import SIGHUP, SIGINT, SIGTERM, Signals

import pytest

from tests.fault.beside import side_by_side
from tests.kills.leftovers import wait_until_nothing_is_left
from tests.kills.signals import Phase, check
from tests.support.processes import Pair

pytestmark = pytest.mark.long

LIGHT = [
    (Phase("sidecar", "importing"), SIGINT),
    (Phase("sidecar", "locked"), SIGINT),
    (Phase("sidecar", "bound", 1), SIGHUP),
    (Phase("sidecar", "settled", is_second=True), SIGTERM),
    (Phase("sidecar", "exiting", is_second=True), SIGINT),
    (Phase("keeper", "importing"), SIGINT),
    (Phase("keeper", "ready"), SIGINT),
]
# Each imports streamlit.
HEAVY = [
    (Phase("gui", "importing"), SIGHUP),
    (Phase("gui", "starting the server"), SIGTERM),
]


def test_a_signal_at_any_phase_of_a_start_or_an_end_is_obeyed_without_a_traceback_and_leaves_nothing_behind(
    subtests: pytest.Subtests,
) -> None:
    for cases in (LIGHT, HEAVY):
        side_by_side(subtests, {f"{phase} {number.name}": partial(live, phase, number) for phase, number in cases})


def live(phase: Phase, number: Signals) -> None:
    with ExitStack() as stack:
        pair = Pair(stack)
        check(pair, phase, number)
        wait_until_nothing_is_left(pair)
