"""A share of what `python -m tests.kills --signals` does: each phase, and each signal where it makes a difference."""

from functools import partial
from signal import SIGHUP, SIGINT, SIGTERM, Signals

import psutil
import pytest

from tests.fault.beside import side_by_side
from tests.kills.leftovers import wait_until_nothing_is_left
from tests.kills.signals import Phase, check
from tests.log.reading import parts_of, read_log
from tests.support import logs
from tests.support.processes import Pair

AT_THE_START = [
    (Phase("sidecar", "importing"), SIGINT),
    (Phase("keeper", "importing"), SIGINT),
    (Phase("gui", "importing"), SIGHUP),
    (Phase("gui", "starting the server"), SIGTERM),
]
ONE_BY_ONE = [
    (Phase("sidecar", "locked"), SIGINT),
    (Phase("sidecar", "bound", 1), SIGHUP),
    (Phase("sidecar", "ready"), SIGINT),
    (Phase("sidecar", "settled", is_second=True), SIGINT),
    (Phase("keeper", "started"), SIGINT),
]


def name(phase: Phase, number: Signals) -> str:
    return f"{phase.program} {phase.step} {number.name}"


def test_a_signal_at_the_start_ends_whatever_was_begun_without_a_traceback(
    pair: Pair, subtests: pytest.Subtests
) -> None:
    side_by_side(subtests, {name(*case): partial(check, pair, *case) for case in AT_THE_START})
    assert not pair.audit.exists()
    wait_until_nothing_is_left(pair)
