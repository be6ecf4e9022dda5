"""A developer edits a module while the GUI runs: Streamlit forgets every module of the sources and loads them again."""

import http.client
import json
import shutil
import signal
from pathlib import Path

import pytest

from shared.naming import Directories
from tests.gui.listening import Listener
from tests.gui.test_launcher import ROOT, Gui, ask, listener, started
from tests.support.waiting import until

pytestmark = pytest.mark.long

__all__ = ["listener", "started"]

# Each notes in the directory of the process that it was executed.
NOTES_IT = """
with open("executed", "a") as notes:
    notes.write("{module} ")
"""
EDITED = ("gui.audit", "gui.audit.client", "shared.wire", "gui.loading")
SETTINGS = ("--server.port", "0", "--server.enableAgentApi", "true", "--server.fileWatcherType", "auto")


def file_of(root: Path, module: str) -> Path:
    path = root.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def test_plain_streamlit_run_is_one_run_that_begins_and_ends_once_however_often_its_modules_are_edited(
    directories: Directories,
    listener: Listener,
    started: list[Gui],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("gui", "shared", ".streamlit"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    # What Streamlit watches beside the folder of the script.
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    gui = Gui(["streamlit", "run", "gui/app.py", *SETTINGS], directories, tmp_path)
    started.append(gui)
    port = gui.wait_until_served()
    session: dict[str, object] = {}

    def visit() -> None:
        """Run the page's script again, in the same session."""
        code, body = ask(port, "POST", "/_stcore/agent/interact", session)
        assert (code, "No table yet" in body) == (http.client.OK, True), body
        session["session_id"] = json.loads(body)["session_id"]

    visit()
    assert listener.wait_for("GUI started").extra["mode"] == "streamlit run"
    listener.wait_for("Opened home")
    notes = tmp_path / "executed"
    for module in EDITED:
        with file_of(tmp_path, module).open("a", encoding="utf-8") as file:
            file.write(NOTES_IT.format(module=module))

        def is_executed_again(module: str = module) -> bool:
            visit()
            return notes.exists() and module in notes.read_text(encoding="utf-8").split()

        until(is_executed_again, lambda: f"{module} executed; {gui.output}")  # noqa: B023
    code, output = gui.end(signal.SIGTERM)
    assert code == 0, output
    assert "Traceback" not in output
    assert listener.said_bye.wait(10)
    events = listener.events
    assert {event.run for event in events.values()} == {listener.wait_for("GUI started").run}
    assert sorted(events) == list(range(1, max(events) + 1))
    messages = [event.message for event in events.values()]
    assert [messages.count(once) for once in ("GUI started", "Session started", "Session ending")] == [1, 1, 1]
