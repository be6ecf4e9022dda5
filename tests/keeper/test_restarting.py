import contextlib
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

import psutil
import pytest

from shared.keeper import Keeper, describe, longer
from shared.repeats import Repeats
from tests.keeper.running import DEADLINE, ROOT, Kept, until

if TYPE_CHECKING:
    from shared.printer import Printer

Keep = Callable[..., Kept]


def test_a_child_killed_after_it_was_ready_starts_again_at_once(keep: Keep) -> None:
    kept = keep()
    for life in (1, 2, 3):
        kept.wait_for_ready(life)
        kept.kill_child(kept.pids()[-1])
    kept.wait_for_ready(4)
    pids = kept.pids()
    assert kept.keeper_said() == [f"keeper: pid {pid} was killed by SIGKILL; starting again" for pid in pids[:3]]
    assert len(set(pids)) == 4


def test_the_wait_grows_while_the_child_dies_before_it_is_ready_and_is_short_again_afterwards(keep: Keep) -> None:
    kept = keep("dies=1,2,3,5")
    kept.wait_for_ready()
    kept.kill_child(kept.pids()[-1])
    kept.wait_for_ready(2)
    assert [line.partition("; ")[2] for line in kept.keeper_said()] == [
        "starting again in 0.25 s", "starting again in 0.5 s", "starting again in 1 s",
        "starting again", "starting again in 0.25 s",
    ]  # fmt: skip
    assert "exited with 3" in kept.keeper_said()[0]


def test_the_wait_doubles_to_five_seconds() -> None:
    waits = [0.25]
    for _ in range(6):
        waits.append(longer(waits[-1]))
    assert waits == [0.25, 0.5, 1, 2, 4, 5, 5]


@pytest.mark.parametrize(
    ("code", "words"),
    [(0, "exited with 0"), (1, "exited with 1"), (-9, "was killed by SIGKILL"), (-40, "was killed by signal 40")],
)
def test_an_end_is_said_in_words(code: int, words: str) -> None:
    assert describe(code) == words


def test_a_command_that_cannot_be_started_is_tried_again(keep: Keep, tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    kept = keep(command=(str(missing),))
    kept.wait_for_line("starting again in 0.5 s")
    assert kept.keeper_said()[0] == (
        f"keeper: {missing} could not be started: No such file or directory; starting again in 0.25 s"
    )
    missing.write_text("#!/bin/sh\necho there now\n", encoding="utf-8")
    missing.chmod(0o755)
    kept.wait_for_line("there now")


def test_what_each_life_says_on_its_way_to_the_same_failure_is_said_once(keep: Keep) -> None:
    kept = keep(command=("sh", "-c", "echo the same; echo $$; exit 3"))
    kept.wait_for_line("starting again in 1 s")
    assert kept.lines.count("the same") == 1
    assert sum(line.isdecimal() for line in kept.lines) == 3


def test_what_a_life_says_twice_and_what_one_said_that_was_ready_is_said_again() -> None:
    said: list[bytes] = []
    repeats = Repeats(said.append)
    for ready in (False, True, True):
        repeats.line(b"one")
        repeats.line(b"one")
        repeats.end_life(ready=ready)
    # The second life repeats the first, which had failed; the third repeats one that was ready.
    assert said == [b"one"] * 4


def test_that_the_wait_goes_on_is_said_once() -> None:
    said: list[bytes] = []

    class Saying:
        line = staticmethod(said.append)

    keeper = Keeper([], cast("Printer", Saying()), restart=True)
    for _ in range(9):
        keeper._start_later("it failed")
    assert [line.partition(b"; ")[2].decode() for line in said] == [
        *(f"starting again in {delay} s" for delay in ("0.25", "0.5", "1", "2", "4")),
        "starting again every 5 s until it works",
    ]


def test_the_child_sees_the_end_of_its_stdin_when_the_keeper_is_killed(keep: Keep) -> None:
    kept = keep()
    kept.wait_for_ready()
    assert "keeper gone" not in kept.diary()
    kept.process.kill()
    kept.wait_for_diary("keeper gone")


def test_the_child_knows_its_keeper_and_has_a_session_of_its_own(keep: Keep) -> None:
    kept = keep()
    kept.wait_for_ready()
    assert kept.diary()[0].endswith(" kept=1")
    assert os.getsid(kept.pids()[0]) == kept.pids()[0]


@pytest.mark.parametrize(("words", "code"), [(("dies=1",), 1), ((), 1)])
def test_without_restart_the_keeper_ends_with_the_child(keep: Keep, words: tuple[str, ...], code: int) -> None:
    kept = keep(*words, options=("--no-restart",))
    if not words:
        kept.wait_for_ready()
        kept.kill_child(kept.pids()[0])
    assert kept.wait() == code
    assert len(kept.pids()) == 1


def test_without_restart_a_child_asked_to_leave_ends_the_keeper_with_0(keep: Keep) -> None:
    kept = keep(options=("--no-restart",))
    kept.wait_for_ready()
    kept.signal()
    assert kept.wait() == 0


def test_killing_by_the_word_sidecar_hits_the_child_and_not_the_keeper(tmp_path: Path) -> None:
    procfile = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines())
    command = procfile["sidecar"]
    assert "sidecar" not in command
    environ = {"DATATOOLS_AUDIT_DIR": str(tmp_path / "logs"), "DATATOOLS_RUN_DIR": str(tmp_path / "run")}
    keeper = psutil.Popen(
        [sys.executable, *shlex.split(command)[1:]], cwd=ROOT, env={**os.environ, **environ}, stdout=subprocess.DEVNULL
    )
    try:
        until(lambda: "sidecar" in words_of_children(keeper), lambda: "waited for the child")
        assert "sidecar" not in " ".join(keeper.cmdline()[1:])
    finally:
        keeper.terminate()
        keeper.wait(DEADLINE)


def words_of_children(keeper: psutil.Process) -> list[str]:
    words: list[str] = []
    for child in keeper.children():
        # It may have ended since it was listed.
        with contextlib.suppress(psutil.NoSuchProcess):
            words += child.cmdline()
    return words
