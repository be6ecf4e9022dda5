"""honcho ends in time although the disk hangs, and although a killed sidecar hangs in it."""

import os
import re
import signal
from functools import partial
from pathlib import Path
from time import monotonic

import psutil
import pytest

from tests.fault.beside import side_by_side
from tests.fault.hanging import bench
from tests.fault.mount import needs_fuse
from tests.fault.stuck import STUCK, thread_states, wait_until_gone, wait_until_it_cannot_end

BUSY = "python -u -m tests.stack.busy_gui"
# A promise: honcho kills after 5 s, and waits for ever for whoever holds its pipes.
IN_TIME_S = 8.0

pytestmark = needs_fuse


@pytest.mark.long
def test_honcho_ends_in_time_while_a_sidecar_dead_or_alive_hangs_in_the_disk(
    tmp_path: Path, subtests: pytest.Subtests
) -> None:
    side_by_side(
        subtests,
        {
            "SIGTERM, alive": partial(end, signal.SIGTERM, tmp_path / "alive", kill=False),
            "SIGTERM, killed": partial(end, signal.SIGTERM, tmp_path / "terminated", kill=True),
            "Ctrl-C, killed": partial(end, signal.SIGINT, tmp_path / "interrupted", kill=True),
        },
    )


def end(number: int, root: Path, *, kill: bool) -> None:
    with bench(root) as stage, stage.stack(BUSY) as stack:
        sidecar = stack.wait_until_ready()
        others = [each for each in stack.children() if each.pid != sidecar]
        assert any("tests.stack.busy_gui" in each.cmdline() for each in others)
        stage.mount.hang("write")
        stage.mount.wait_for("hung", "write")
        stack.wait_for(re.compile("Disk stalled: "))
        if kill:
            os.kill(sidecar, signal.SIGKILL)
            wait_until_it_cannot_end(sidecar)
            stack.wait_for(re.compile(f"pid {sidecar} was killed, and a call of it to the disk has not returned"))
        begun = monotonic()
        stack.process.send_signal(number)
        assert stack.wait_for_end() == 128 + number
        assert monotonic() - begun < IN_TIME_S
        assert [each for each in others if is_alive(each)] == []
        assert STUCK in thread_states(sidecar).values()
        stage.mount.release()
        wait_until_gone(sidecar)
        # What the GUI held is gone with it, and the next sidecar says so.
        stage.pair.ready_sidecar()
        (log,) = stage.backing.iterdir()
        assert stage.pair.wait_for_closing(log)["outcome"] == "vanished"
        code, printed, _ = stage.pair.verify()
        assert code == 0, printed


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        # It went just now.
        return False
