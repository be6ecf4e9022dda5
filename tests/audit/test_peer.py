"""Whether a sidecar that fell silent is still there, by a real process."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from gui.audit.peer import LOOK_EACH_S, Peer
from tests.support.waiting import until

WAITS = "import time; print(flush=True); time.sleep(600)"


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", WAITS], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def test_a_silent_process_runs_is_suspended_or_is_gone_even_unreaped(process: subprocess.Popen[bytes]) -> None:
    peer = Peer()
    now = time.monotonic()

    def becomes(presence: str) -> None:
        def is_seen() -> bool:
            nonlocal now
            now += LOOK_EACH_S
            peer.look(now)
            return peer.presence == presence

        until(is_seen, lambda: f"{presence}; it was {peer.presence}")

    peer.look(now)
    assert (peer.presence, peer.pid) == ("gone", 0)
    peer.meet("0badcafe", process.pid)
    becomes("running")
    os.kill(process.pid, signal.SIGSTOP)
    # Not looked at again so soon.
    peer.look(now)
    assert peer.presence == "running"
    becomes("stopped")
    os.kill(process.pid, signal.SIGKILL)
    # Nobody has waited for it: a zombie.
    becomes("gone")
    process.wait()
    becomes("gone")


@pytest.mark.parametrize("pid", [-1, 0, 2**31 - 1, 2**70], ids=["negative", "none", "nobody's", "too long"])
def test_a_number_that_is_no_process_is_nobody(pid: int, process: subprocess.Popen[bytes]) -> None:
    peer = Peer()
    peer.meet("0badcafe", process.pid)
    peer.meet("feedbeef", pid)
    peer.look(time.monotonic())
    assert peer.presence == "gone"
