"""One audit client serves a whole process; here each test gets its own, with directories and a listener of its own."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import gui.audit
from gui.audit.client import Client
from shared.naming import Directories
from tests.gui.listening import Listener


@pytest.fixture
def directories() -> Iterator[Directories]:
    # Short, for the sockets' sake.
    root = Path(tempfile.mkdtemp(dir="/tmp", prefix="dt-"))
    yield Directories(root / "logs", root / "run")
    shutil.rmtree(root)


@pytest.fixture
def client(directories: Directories, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    client = Client(directories)
    monkeypatch.setattr(gui.audit._the_holder, "client", client)
    # The process is pytest's: a page must not announce its start, nor arrange for its end.
    monkeypatch.setattr("gui.ending.begin", lambda _mode, _version: None)
    yield client
    client.close(0)


@pytest.fixture
def listener(directories: Directories, client: Client) -> Iterator[Listener]:
    listener = Listener(directories.run)
    yield listener
    # While it still listens, so that the goodbye need not linger.
    client.close(1)
    listener.close()
