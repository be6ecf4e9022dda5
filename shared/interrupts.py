"""Ctrl-C while a program begins or ends: it ends the process as it ends any other, without a traceback.

Python raises KeyboardInterrupt wherever it is, in the middle of an import too. Import this first.
"""

import signal


def end_quietly() -> None:
    """Let Ctrl-C end the process by the signal itself, unless it is ignored or handled."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def raise_again() -> None:
    """Let Ctrl-C raise KeyboardInterrupt, as it did before `end_quietly`."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
