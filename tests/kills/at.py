"""`python -m tests.kills.at PROGRAM PLAN`: runs a program of the project and strikes it at a named step.

PLAN is a directory with one file for each life of the program, taken in their order: `001 fsynced 3 SIGKILL` sends SIGKILL to the
process itself when it comes to the step `fsynced` for the third time. SIGSTOP holds it there, for a test to do its own to it.
That it happened is told by a file `struck 001`, which holds the pid. When all are taken, the program lives on unharmed.
"""

import atexit
import importlib
import inspect
import os
import runpy
import signal
import sys
import threading
from collections.abc import Callable
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import NamedTuple

# The module to run, and one that it imports late enough and not before it can be told to.
PROGRAMS = {
    "sidecar": ("sidecar", "msgspec"),
    "keeper": ("shared.keeper", "psutil"),
    "gui": ("gui", "streamlit"),
    "producer": ("tests.trail.producer", "msgspec"),
}
IMPORTING = "importing"
# When all that the program registered for its exit was done.
EXITING = "exiting"

Strike = Callable[[], None]


class Blow(NamedTuple):
    """At the step `step`, at the `time`-th time, send `number` to itself."""

    name: str
    step: str
    time: int
    number: signal.Signals


def main() -> None:
    program, plan = sys.argv[1], Path(sys.argv[2])
    # As in a terminal: a shell ignores the one for what it starts in the background, nohup the other.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    module, imported = PROGRAMS[program]
    blow = next_blow(plan)
    if blow is not None:
        strike = striking(blow, plan)
        if blow.step == IMPORTING:
            sys.meta_path.insert(0, Importing(imported, strike))
        elif blow.step == EXITING:
            atexit.register(strike)
        else:
            importlib.import_module(f"tests.kills.{program}_steps").STEPS[blow.step](strike)
    if program == "producer":
        importlib.import_module("tests.kills.producer_steps").note_acknowledged(plan)
    sys.argv = [module, *sys.argv[3:]]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def next_blow(plan: Path) -> Blow | None:
    """Take the next file of the plan; None when there is none left."""
    planned = sorted(path for path in plan.iterdir() if path.name[0].isdigit())
    if not planned:
        return None
    planned[0].rename(plan / f"taken {planned[0].name}")
    name, *step, time, number = planned[0].name.split()
    return Blow(name, " ".join(step), int(time), signal.Signals[number])


def striking(blow: Blow, plan: Path) -> Strike:
    """What is to be called whenever the process comes to the step."""
    counting = threading.Lock()
    times = 0

    def strike() -> None:
        nonlocal times
        with counting:
            times += 1
            mine = times == blow.time
        if mine:
            (plan / f".{blow.name}").write_text(str(os.getpid()), encoding="utf-8")
            (plan / f".{blow.name}").rename(plan / f"struck {blow.name}")
            # This thread, before it goes on: one that is sent to the process stops another one first.
            signal.pthread_kill(threading.get_ident(), blow.number)

    return strike


class Importing(MetaPathFinder):
    """Strikes when `module` is looked for, and finds nothing."""

    def __init__(self, module: str, strike: Strike) -> None:
        self._module = module
        self._strike = strike

    def find_spec(self, fullname: str, _path: object = None, _target: object = None) -> None:
        if fullname == self._module:
            self._strike()


def before(owner: object, name: str) -> Callable[[Strike], None]:
    """The step just before `owner.name` is called."""
    return lambda strike: wrap(owner, name, strike, None)


def after(owner: object, name: str) -> Callable[[Strike], None]:
    """The step just after `owner.name` returned."""
    return lambda strike: wrap(owner, name, None, strike)


def wrap(owner: object, name: str, first: Strike | None, then: Strike | None) -> None:
    original = getattr(owner, name)

    def struck(*arguments: object, **named: object) -> object:
        if first is not None:
            first()
        result = original(*arguments, **named)
        if then is not None:
            then()
        return result

    is_static = isinstance(inspect.getattr_static(owner, name), staticmethod)
    setattr(owner, name, staticmethod(struck) if is_static else struck)


if __name__ == "__main__":
    main()
