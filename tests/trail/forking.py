"""Commands after which there is a second process, or a second copy of the modules."""

import importlib
import json
import multiprocessing
import os
import sys
import threading
from importlib.abc import MetaPathFinder
from pathlib import Path

from gui import audit
from tests.trail.commands import Answer, command

CHILD_EVENTS = 50


def live_as_child(note: Path) -> None:
    """Log as a run of its own, and leave its name."""
    run = audit.audit_status().run
    for number in range(1, CHILD_EVENTS + 1):
        audit.log_event("tool_run", f"child {run} event {number}", n=number)
    note.write_text(json.dumps({"run": run, "pid": os.getpid()}), encoding="utf-8")


def notes(directory: str, children: int) -> list[Path]:
    return [Path(directory, f"child-{number}") for number in range(children)]


@command
def fork(directory: str, children: int) -> Answer:
    """Each child is forked from a process whose other threads may be in the middle of logging."""
    files = notes(directory, children)
    for file in files:
        child = os.fork()
        if child == 0:
            live_as_child(file)
            os._exit(0 if audit.close(10) else 1)
        assert os.waitpid(child, 0)[1] == 0
    return {"children": [json.loads(file.read_text(encoding="utf-8")) for file in files]}


@command
def fork_with_multiprocessing(directory: str, children: int) -> Answer:
    context = multiprocessing.get_context("fork")
    files = notes(directory, children)
    started = [context.Process(target=live_as_child, args=(file,)) for file in files]
    for child in started:
        child.start()
    for child in started:
        child.join()
    assert [child.exitcode for child in started] == [0] * children
    return {"children": [json.loads(file.read_text(encoding="utf-8")) for file in files]}


@command
def fork_while_importing(directory: str) -> Answer:
    """Fork while the back thread is in the middle of importing a module for the first time."""
    about_to_fork, importing = threading.Event(), threading.Event()

    class Pausing(MetaPathFinder):
        def find_spec(self, fullname: str, _path: object, _target: object = None, /) -> None:
            if fullname == "psutil":
                importing.set()
                about_to_fork.wait()

    sys.meta_path.insert(0, Pausing())
    assert "psutil" not in sys.modules
    audit.log_event("tool_run", "before the fork")
    importing.wait()
    # Called first of those before a fork, as it is registered last.
    os.register_at_fork(before=about_to_fork.set)
    return fork(directory, 1)


@command
def reload_modules() -> Answer:
    """As Streamlit does when a module was edited: reload one, and drop all and import them again."""
    reloaded = importlib.reload(audit)
    reloaded.log_event("tool_run", "after reload")
    for name in [name for name in sys.modules if name.split(".")[0] == "shared" or name.startswith("gui.audit")]:
        del sys.modules[name]
    again = importlib.import_module("gui.audit")
    assert again is not reloaded
    again.log_event("tool_run", "after import")
    audit.log_event("tool_run", "from the first copy")
    return {"run": again.audit_status().run, "copies": len({audit.__dict__["_the_holder"], again._the_holder})}
