"""The real launcher, which logs more than its memory holds whenever it is told to by SIGUSR1: `python -m tests.stack.flooded_gui --port 0`."""

import signal
import sys
import threading

from gui.__main__ import main
from gui.audit import log_event
from gui.audit.outbox import CAPACITY

TOO_MANY = CAPACITY + 1_000


def flood() -> None:
    for number in range(TOO_MANY):
        log_event("tool_run", "Flooded", number=number)


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, lambda *_: threading.Thread(target=flood, daemon=True).start())
    sys.exit(main())
