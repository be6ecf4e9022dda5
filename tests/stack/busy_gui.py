"""The real launcher, with a thread that logs as a busy user would: `python -m tests.stack.busy_gui --port 0`."""

import sys
import threading

from gui.__main__ import main
from gui.audit import log_event


def keep_busy(pace: threading.Event) -> None:
    number = 0
    while not pace.wait(0.002):
        number += 1
        log_event("tool_run", f"Cleaned table {number}", rows=number)


if __name__ == "__main__":
    threading.Thread(target=keep_busy, args=(threading.Event(),), daemon=True).start()
    sys.exit(main())
