"""The terminal is closed while the README's first command runs in it."""

from collections.abc import Callable

import psutil
import pytest

from shared.naming import Directories
from tests.kills.leftovers import is_free, processes_of
from tests.stack.conftest import directories, start
from tests.stack.running import Stack
from tests.stack.test_honcho import assert_closed_cleanly
from tests.support.waiting import until

pytestmark = pytest.mark.long

__all__ = ["directories", "start"]


def test_a_closed_terminal_ends_everything_in_order_and_no_orphan_keeps_the_port_or_the_lock(
    start: Callable[..., Stack], directories: Directories
) -> None:
    stack = start()
    stack.wait_until_ready()
    honcho = psutil.Process(stack.process.pid)
    # The kernel's SIGHUP ends all of honcho's process group, and reaches nobody else: the others have sessions of their own.
    # Killed here, because under nohup they would ignore it.
    for each in [*honcho.children(), honcho]:
        each.kill()
    stack.process.wait()
    until(lambda: not processes_of(directories.run), lambda: f"the end of {processes_of(directories.run)}")
    assert is_free(directories.run / "lock")
    assert_closed_cleanly(directories)
