import os
import threading
from pathlib import Path

import pytest

from gui.folder import find_opener, open_folder


def make_opener(directory: Path, script: str) -> Path:
    opener = directory / "xdg-open"
    opener.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    opener.chmod(0o755)
    return opener


def test_the_opener_is_that_of_the_desktop(tmp_path: Path) -> None:
    opener = make_opener(tmp_path, "exit 0")
    (tmp_path / "open").symlink_to(opener)
    path = {"PATH": str(tmp_path)}
    assert find_opener("linux", {**path, "DISPLAY": ":0"}) == str(opener)
    assert find_opener("linux", {**path, "WAYLAND_DISPLAY": "wayland-0"}) == str(opener)
    assert find_opener("darwin", path) == str(tmp_path / "open")
    assert find_opener("win32", path) is None


def test_without_a_screen_there_is_nothing_to_open_and_the_path_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert (
        open_folder(Path("/no/such/folder")) == "There is no file manager to open here. The logs are in /no/such/folder"
    )


@pytest.mark.skipif(os.name == "nt", reason="the opener here is a shell script")
def test_the_opener_gets_the_folder_and_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    # It hangs until the test opens the gate: had open_folder waited, the test would never get there.
    make_opener(
        tmp_path,
        f'read line < "{gate}"; printf %s "$1" > "{tmp_path}/got.part"; mv "{tmp_path}/got.part" "{tmp_path}/got"',
    )
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":0")
    assert open_folder(Path("/no/such folder")) == "Opening /no/such folder"
    waiters = [thread for thread in threading.enumerate() if thread.name == "folder-opener"]
    gate.write_text("go\n", encoding="utf-8")
    for thread in waiters:
        thread.join(10)
    assert (tmp_path / "got").read_text(encoding="utf-8") == "/no/such folder"
