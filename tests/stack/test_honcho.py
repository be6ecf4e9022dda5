"""The README's first command, its ends and what is on disk then."""

import json
import os
import re
import signal
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from shared.naming import Directories
from tests.stack.running import READY, ROOT, Stack, wait_until_durable

BUSY = "python -u -m tests.stack.busy_gui"


def chained(log: Path) -> list[dict[str, object]]:
    """The lines of a log, whose chain was checked by hashlib alone."""
    head = "0" * 64
    lines = []
    for line in log.read_bytes().removesuffix(b"\n").split(b"\n"):
        lines.append(json.loads(line))
        assert lines[-1]["prev"] == head
        head = sha256(line).hexdigest()
    return lines


def assert_all_is_there_up_to_the_end(directories: Directories) -> None:
    (log,) = directories.audit.iterdir()
    lines = chained(log)
    events = [line for line in lines if "seq" in line]
    ends = [line["seq"] for line in events if line["message"] == "Session ending"]
    assert len(ends) == 1
    (end,) = ends
    assert isinstance(end, int)
    assert [line["seq"] for line in events[:end]] == list(range(1, end + 1))
    assert end > 2, "no events were in flight"


def test_the_procfile_is_the_promised_one() -> None:
    assert (ROOT / "Procfile").read_text() == "gui: python -u -m gui\nsidecar: python -u -m shared.keeper\n"


@pytest.mark.parametrize("repetition", [0, *(pytest.param(each, marks=pytest.mark.long) for each in range(1, 5))])
def test_both_are_terminated_at_once_with_events_in_flight(
    start: Callable[..., Stack], directories: Directories, repetition: int
) -> None:
    stack = start(BUSY)
    stack.wait_until_ready()
    wait_until_durable(directories, 50 * (repetition + 1))
    assert stack.terminate() == 128 + signal.SIGTERM
    assert_all_is_there_up_to_the_end(directories)
    assert "Traceback" not in stack.output


@pytest.mark.parametrize("repetition", [0, *(pytest.param(each, marks=pytest.mark.long) for each in range(1, 5))])
def test_both_are_terminated_while_a_killed_sidecar_is_being_restarted(
    start: Callable[..., Stack], directories: Directories, repetition: int
) -> None:
    stack = start(BUSY)
    sidecar = stack.wait_until_ready()
    wait_until_durable(directories, 50 * (repetition + 1))
    os.kill(sidecar, signal.SIGKILL)
    assert stack.terminate() == 128 + signal.SIGTERM
    assert_all_is_there_up_to_the_end(directories)
    assert "Traceback" not in stack.output


def test_killing_by_name_hits_the_sidecar_alone_and_it_comes_back(
    start: Callable[..., Stack], directories: Directories
) -> None:
    stack = start()
    sidecar = stack.wait_until_ready()
    named = [each.pid for each in stack.children() if "sidecar" in " ".join(each.cmdline())]
    assert named == [sidecar]
    os.kill(sidecar, signal.SIGKILL)
    assert int(stack.wait_for(READY, 2)[1]) != sidecar
    stack.wait_for(re.compile(r"was killed by SIGKILL; starting again"))
    wait_until_durable(directories, 1)
    stack.terminate()
    assert_closed_cleanly(directories)


def assert_closed_cleanly(directories: Directories) -> None:
    (log,) = directories.audit.iterdir()
    *_, ending, closing = chained(log)
    assert ending["message"] == "Session ending"
    assert closing["outcome"] == "clean"
    assert closing["events"] == ending["seq"]
