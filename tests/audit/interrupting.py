"""Strikes at a chosen point of a piece of code, as a signal does: where CPython looks for signals, and nowhere else."""

import contextlib
import ctypes
import dis
import functools
import signal
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from types import CodeType, FrameType
from typing import Any

Trace = Callable[[FrameType, str, Any], Any]

# After these CPython looks for signals.
CHECKED = frozenset({"RESUME", "JUMP_BACKWARD", "CALL", "CALL_FUNCTION_EX"})


class Strike(BaseException):
    """What a signal handler raises; not an Exception, as KeyboardInterrupt is none."""


@functools.cache
def _names(code: CodeType) -> dict[int, str]:
    return {instruction.offset: instruction.opname for instruction in dis.get_instructions(code)}


class Striker:
    """Calls `action` at the `at`-th point inside `files`; `struck` says whether there were so many."""

    def __init__(self, at: int, action: Callable[[], None], files: Collection[str]) -> None:
        self.struck = False
        self._left = at
        self._action = action
        self._files = files
        self._before: dict[FrameType, str] = {}

    def run(self, work: Callable[[], None]) -> None:
        """Run `work` and let through what the action raises."""
        old = sys.gettrace()
        sys.settrace(self._enter)
        try:
            work()
        finally:
            sys.settrace(old)
            self._before.clear()

    def _enter(self, frame: FrameType, _event: str, _arg: object) -> Trace | None:
        if self.struck or frame.f_code.co_filename not in self._files:
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return self._step

    def _step(self, frame: FrameType, event: str, _arg: object) -> Trace:
        if event == "opcode" and not self.struck:
            before = self._before.get(frame, "")
            self._before[frame] = _names(frame.f_code).get(frame.f_lasti, "")
            if before in CHECKED:
                self._left -= 1
                if self._left == 0:
                    self.struck = True
                    self._action()
        return self._step


def raise_strike() -> None:
    raise Strike


@contextlib.contextmanager
def two_signals() -> Iterator[Callable[[], None]]:
    """Give an action after which one handler raises at once and another at the next point."""

    def handle(_number: int, _frame: FrameType | None) -> None:
        raise Strike

    both = (signal.SIGUSR1, signal.SIGUSR2)

    libc = ctypes.CDLL(None)
    # Larger than any sigset_t.
    mask = ctypes.create_string_buffer(1024)
    libc.sigemptyset(mask)
    for number in both:
        libc.sigaddset(mask, int(number))

    def strike_twice() -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, both)
        for number in both:
            # To this thread: another one, for which it is not blocked, would take it at a time of its own.
            signal.pthread_kill(threading.get_ident(), number)
        # Python's own call would run the first handler itself, and CPython then puts off the second.
        libc.pthread_sigmask(int(signal.SIG_UNBLOCK), mask, None)

    before = [signal.signal(number, handle) for number in both]
    try:
        yield strike_twice
    finally:
        for number, handler in zip(both, before, strict=True):
            signal.signal(number, handler)
