"""`python -m tests.trail.interrupted_commands tail|status`: Ctrl-C strikes once at each line of Python before it listens."""

import signal
import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

from shared.settings import directories
from sidecar import follow, status

COMMANDS: dict[str, Callable[[], int]] = {
    "tail": partial(follow.run, directories(), None, None, as_json=False),
    "status": partial(status.run, directories()),
}


class CtrlC:
    """Strikes at the `at`th line, or where the command begins to listen, whichever is first."""

    def __init__(self, at: int) -> None:
        self._left = at
        self.is_listening = False

    def trace(self, frame: FrameType, _event: str, _argument: object) -> Any:  # noqa: ANN401 - as sys.settrace wants it
        self._left -= 1
        self.is_listening = frame.f_code.co_name == "poll"
        if self._left == 0 or self.is_listening:
            sys.settrace(None)
            signal.raise_signal(signal.SIGINT)
        return self.trace


def main(command: Callable[[], int]) -> None:
    at, is_listening = 0, False
    while not is_listening:
        at += 1
        ctrl_c = CtrlC(at)
        sys.stderr.write(f"line {at}\n")
        sys.settrace(ctrl_c.trace)
        try:
            command()
        except KeyboardInterrupt:
            # What the command leaves to its caller.
            pass
        finally:
            sys.settrace(None)
        is_listening = ctrl_c.is_listening
    sys.stdout.write(f"ended {at} times\n")


if __name__ == "__main__":
    main(COMMANDS[sys.argv[1]])
