"""The back thread is started by a call to log: whatever cuts that call short, the next one has it run."""

import contextlib
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import gui.audit.link
from gui.audit.client import Client
from shared.naming import Directories
from tests.audit.interrupting import Strike, Striker, raise_strike

# Longer than a turn of the thread takes.
ENDED_S = 10.0

FILES = {module.__file__ for module in (gui.audit.link, threading) if module.__file__}


@pytest.fixture
def directories() -> Iterator[Directories]:
    root = Path(tempfile.mkdtemp(dir="/tmp", prefix="dt-"))
    yield Directories(root / "logs", root / "run")
    shutil.rmtree(root)


def has_thread(client: Client) -> bool:
    """Whether there is a back thread to end; it ends."""
    assert client._link.running
    client._link.stop(ENDED_S)
    return not client._link.running


def test_a_signal_handler_that_raises_while_it_is_started_does_not_keep_it_from_running(
    directories: Directories,
) -> None:
    struck, at = True, 0
    while struck:
        at += 1
        client = Client(directories)
        striker = Striker(at, raise_strike, FILES)
        with contextlib.suppress(Strike):
            striker.run(lambda client=client: client.log("nav", "first", "info", {}))  # type: ignore[misc]
        struck = striker.struck
        client.log("nav", "second", "info", {})
        assert has_thread(client), f"point {at}"
    assert at > 5


def call_at(depth: int, work: Callable[[], None]) -> None:
    """Call `work` on a stack that is `depth` calls deeper."""
    if depth:
        call_at(depth - 1, work)
    else:
        work()


def calls_left() -> int:
    try:
        return calls_left() + 1
    except RecursionError:
        return 0


def test_the_first_event_logged_at_the_edge_of_the_stack_does_not_keep_it_from_running(
    directories: Directories,
) -> None:
    left = calls_left()
    for depth in range(left - 40, left):
        client = Client(directories)
        with contextlib.suppress(RecursionError):
            call_at(depth, lambda client=client: client.log("nav", "first", "info", {}))  # type: ignore[misc]
        client.log("nav", "second", "info", {})
        assert has_thread(client), f"{depth} of {left}"


@pytest.mark.parametrize(
    "error", [RuntimeError("can't start new thread"), MemoryError()], ids=["RuntimeError", "MemoryError"]
)
def test_where_there_is_no_thread_to_be_had_the_next_call_tries_again(
    directories: Directories, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(*_: object) -> None:
        raise error

    client = Client(directories)
    monkeypatch.setattr("_thread.start_new_thread", refuse)
    client.log("nav", "first", "info", {})
    assert not client._link.running
    monkeypatch.undo()
    client.log("nav", "second", "info", {})
    assert has_thread(client)
