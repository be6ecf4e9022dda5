"""Real processes: how the GUI starts and ends, with a listener in the sidecar's place."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gui.audit.link import LINGER_MS
from gui.ending import FLUSH_S
from shared.naming import Directories
from tests.gui.listening import Listener

ROOT = Path(__file__).parents[2]
URL = re.compile(r"URL:.*?http://127\.0\.0\.1:(\d+)")


@pytest.fixture
def listener(directories: Directories) -> Iterator[Listener]:
    listener = Listener(directories.run)
    yield listener
    listener.close()


class Gui:
    """A GUI process, its output, and the port it serves on."""

    def __init__(self, arguments: list[str], directories: Directories, root: Path = ROOT) -> None:
        environment = {
            **os.environ,
            "DATATOOLS_AUDIT_DIR": str(directories.audit),
            "DATATOOLS_RUN_DIR": str(directories.run),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-m", *arguments],
            cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
        )  # fmt: skip
        self.output = ""

    def wait_until_served(self) -> int:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output += line
            if match := URL.search(line):
                self._wait_for_health(int(match[1]))
                return int(match[1])
        raise AssertionError(self.output)

    def end(self, number: int) -> tuple[int, str]:
        self.process.send_signal(number)
        output, _ = self.process.communicate(timeout=60)
        return self.process.returncode, self.output + output

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate(timeout=60)

    def _wait_for_health(self, port: int) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if ask(port, "GET", "/_stcore/health")[0] == http.client.OK:
                    return
            except OSError:
                # Not yet: the URL is printed before the server accepts.
                threading.Event().wait(0.05)
        raise AssertionError("never healthy")


def ask(port: int, method: str, path: str, body: dict[str, object] | None = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        headers = {"Content-Type": "application/json"}
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


@pytest.fixture
def started(directories: Directories) -> Iterator[list[Gui]]:
    del directories  # outlives the processes
    processes: list[Gui] = []
    yield processes
    for process in processes:
        process.close()


# The second is a user's own, as README shows it.
@pytest.mark.parametrize("module", ["gui", "tests.example"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_launcher_with_0_and_its_last_event_is_delivered_once(
    number: int, module: str, directories: Directories, listener: Listener, started: list[Gui]
) -> None:
    gui = Gui([module, "--port", "0"], directories)
    started.append(gui)
    gui.wait_until_served()
    assert listener.wait_for("GUI started").extra["mode"] == f"python -m {module}"
    code, output = gui.end(number)
    assert code == 0, output
    assert "Traceback" not in output
    assert listener.said_bye.wait(10)
    assert [event.message for event in listener.events.values()] == ["GUI started", "Session ending"]


def test_a_launcher_without_a_sidecar_still_ends_by_itself(directories: Directories, started: list[Gui]) -> None:
    gui = Gui(["gui", "--port", "0"], directories)
    started.append(gui)
    gui.wait_until_served()
    code, output = gui.end(signal.SIGTERM)
    assert code == 0, output
    # What it waits for by itself leaves most of a second of the 4 s before the keeper leaves, and 2 s before honcho kills.
    assert FLUSH_S + 2 * LINGER_MS / 1000 <= 3
    assert not directories.audit.exists()


def test_a_taken_port_is_said_with_what_to_do(directories: Directories, started: list[Gui]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        gui = Gui(["gui", "--port", str(port)], directories)
        started.append(gui)
        output, _ = gui.process.communicate(timeout=30)
    assert gui.process.returncode == 1
    assert output == f"Port {port} is taken, or not yours to use. Choose another: python -m gui --port {port + 1}\n"
