"""Ctrl-C and SIGTERM end a launcher in order: without a traceback, its last event sent, and 0 for the exit code."""

import os
import signal
import sys
import threading
from types import FrameType


def stop_in_order(begun: threading.Event) -> None:
    """Before anything slow: uvicorn stops in order, gives the signal back to these, and the exit code is 0.

    `begun` is set when there is something to end. What a program already does with a signal is left to it.
    """

    def leave(_number: int, _frame: FrameType | None) -> None:
        if begun.is_set():
            sys.exit(0)
        # Nothing is served or logged yet; an exception in the middle of uvicorn's start would print its traces.
        os._exit(0)

    def hang_up(_number: int, _frame: FrameType | None) -> None:
        # The terminal was closed. uvicorn does not know this signal, so it gets the one that it does.
        signal.raise_signal(signal.SIGTERM)

    for number in (signal.SIGTERM, signal.SIGINT):
        if signal.getsignal(number) in {signal.SIG_DFL, signal.default_int_handler}:
            signal.signal(number, leave)
    # nohup ignores SIGHUP for what it starts.
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, hang_up)
