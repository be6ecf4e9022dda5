"""Commands that call `log_event` from within `log_event`: a signal handler, `__del__`, `__str__`.

Each counts how often it really struck inside of a call, and goes on until it did so often enough.
"""

import gc
import signal
import sys
from types import FrameType

from gui import audit
from tests.trail.commands import Answer, command
from tests.trail.flooding import wait_for_room

OFTEN = 100
PERIOD_S = 0.0005


class Struck(BaseException):
    """What a signal handler raises; like KeyboardInterrupt, no error that `log_event` may keep to itself."""


class Interruptions:
    """Logs from wherever it is called, and counts how often that was inside of a call; `inner` names those that returned."""

    def __init__(self) -> None:
        self.begun = 0
        self.inside = 0
        self.inner: list[int] = []

    def log(self, frame: FrameType | None) -> bool:
        inside = is_in(frame, "log_event")
        self.inside += inside
        self.begun += 1
        number = self.begun
        audit.log_event("error", f"inner {number}", n=number)
        self.inner.append(number)
        return inside


def is_in(frame: FrameType | None, function: str) -> bool:
    while frame is not None:
        if frame.f_code.co_name == function:
            return True
        frame = frame.f_back
    return False


@command
def log_from_signal_handler() -> Answer:
    return interrupt(raising=False)


@command
def log_from_raising_signal_handler() -> Answer:
    return interrupt(raising=True)


def interrupt(*, raising: bool) -> Answer:
    """`returned` names the outer calls that came back; a handler that is `raising` cuts some short."""
    interruptions, returned, begun = Interruptions(), [], 0

    def handle(_number: int, frame: FrameType | None) -> None:
        # One that raises strikes the outer calls alone, so that each is caught where it is counted.
        if raising and is_in(frame, "handle"):
            return
        if interruptions.log(frame) and raising:
            raise Struck

    before = signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, PERIOD_S, PERIOD_S)
    while interruptions.inside < OFTEN:
        begun += 1
        try:
            audit.log_event("tool_run", f"outer {begun}", n=begun)
        except Struck:
            continue
        returned.append(begun)
        wait_for_room()
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)
    return answer(interruptions, returned, begun)


def answer(interruptions: Interruptions, returned: list[int], begun: int) -> Answer:
    inner = {"inner": interruptions.inner, "inner_begun": interruptions.begun, "inside": interruptions.inside}
    return {"outer": returned, "outer_begun": begun, **inner}


class Dying:
    """Logs when the garbage collector finds it; its cycle keeps it until then."""

    def __init__(self, interruptions: Interruptions) -> None:
        self.interruptions = interruptions
        self.cycle = self

    def __del__(self) -> None:
        self.interruptions.log(sys._getframe())


@command
def log_from_del() -> Answer:
    interruptions, outer = Interruptions(), 0
    before = gc.get_threshold()
    gc.set_threshold(5)
    while interruptions.inside < OFTEN:
        outer += 1
        Dying(interruptions)
        audit.log_event("tool_run", f"outer {outer}", n=outer, nested={"list": [{}, [], {"a": []}]})
        wait_for_room()
    gc.set_threshold(*before)
    gc.collect()
    return answer(interruptions, list(range(1, outer + 1)), outer)


class Talkative:
    def __init__(self, interruptions: Interruptions) -> None:
        self.interruptions = interruptions

    def __str__(self) -> str:
        self.interruptions.log(sys._getframe())
        return "talkative"


@command
def log_from_str() -> Answer:
    interruptions = Interruptions()
    for outer in range(1, OFTEN + 1):
        audit.log_event("tool_run", f"outer {outer}", n=outer, extra=Talkative(interruptions))
    return answer(interruptions, list(range(1, OFTEN + 1)), OFTEN)
