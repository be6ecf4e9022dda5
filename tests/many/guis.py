"""`python -m tests.many.guis GUIS EVENTS`: so many GUI processes at once, each a run of its own with its own sockets.

Forked, because starting an interpreter for each would take longer than what they do. Each logs its events, says on stdout what run
it is when they are durable, and stays until stdin ends; then it logs one more and ends as any program does. Exits 1 when one failed.
"""

import os
import sys

from gui import audit

LONG_S = 60.0


def main() -> int:
    guis, events = map(int, sys.argv[1:])
    children = [child for _ in range(guis) if (child := fork(events))]
    return int(any(os.waitpid(child, 0)[1] for child in children))


def fork(events: int) -> int:
    child = os.fork()
    if not child:
        live(events)
    return child


def live(events: int) -> None:
    """Never returns: the child is not to go on as its parent does."""
    code = 1
    try:
        for number in range(1, events + 1):
            audit.log_event("tool_run", f"event {number}", n=number)
        if audit.flush_audit_log(LONG_S):
            os.write(1, f"{audit.audit_status().run}\n".encode())
            # They share it: what ends for one ends for all.
            while os.read(0, 1):
                pass
            audit.log_event("session", "Session ending")
            code = int(audit.close(LONG_S).pending > 0)
    finally:
        os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
