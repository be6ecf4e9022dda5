"""`python -m shared.keeper`: starts the sidecar, and starts it again whenever it dies, until it is told to stop.

- A child that had been ready is started again at once; one that died before, after 0.25 s, doubling to 5 s. What such
  children say in the same words, and that the wait goes on, is said once: another sidecar, say, may be there for hours.
- SIGTERM, SIGINT, SIGHUP, or nobody reads its output any more: the GUI gets its signal in the same instant and may still
  hold events. So the child is asked to leave once it is ready; one that is not there, or that something else killed before
  it could drain, is started for it.
- A child that was killed and hangs in the kernel is waited for: it still holds the lock that keeps two writers apart.
- A second signal is passed on at once. 4 s after the first the keeper leaves, whatever the child does: it may be stuck
  in the kernel, and whoever waits for the keeper's output would wait with it.
- Exit code: 0 when the child ended with 0 after being asked (with `--no-restart`: whenever it ended with 0), else 1.

Nobody who kills processes by the name of the child must hit the keeper: its command line does not carry that name.
"""

from shared.interrupts import end_quietly

if __name__ == "__main__":
    # Before the imports that take a moment; `listen` comes behind them.
    end_quietly()

import argparse
import os
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from time import monotonic
from typing import NamedTuple

from shared import streams
from shared.child import Child, Ended, Ready
from shared.dying import is_dying
from shared.printer import Printer
from shared.repeats import Repeats
from shared.unread import when_unread

# The number of SIGHUP, which Windows does not name.
HANGUP = 1
DEFAULT_COMMAND = (sys.executable, "-u", "-m", "sidecar")

# Seconds.
FIRST_DELAY = 0.25
LONGEST_DELAY = 5.0
# honcho kills 5 s after the first of its processes ended. Both together make the 4 s of the docstring.
STOP_AFTER = 3.75
PRINT_AFTER = 0.25
# How often to look whether the child can still end.
LOOK_AFTER = 1.0


class Signalled(NamedTuple):
    """Somebody wants the keeper to stop."""

    number: int


class Keeper:
    """Keeps one child alive. Everything here runs in the main thread, which waits for nothing but its inbox."""

    def __init__(self, command: Sequence[str], printer: Printer, *, restart: bool) -> None:
        self.inbox: SimpleQueue[Signalled | Ready | Ended] = SimpleQueue()
        self._command = command
        self._printer = printer
        self._repeats = Repeats(printer.line)
        self._restart = restart
        self._child: Child | None = None
        self._delay = FIRST_DELAY
        self._is_waiting = False
        self._start_at: float | None = None
        self._stop_at: float | None = None
        self._exit_code: int | None = None
        self._awaited: Child | None = None

    def run(self) -> int:
        """Keep the child until a signal, or its end without restart, ends the keeper. Returns the exit code."""
        self._start()
        while self._exit_code is None:
            match self._next():
                case Signalled():
                    self._on_signal()
                case Ready(child):
                    self._on_ready(child)
                case Ended(child, code):
                    self._on_end(child, code)
                case None:
                    self._on_deadline()
        return self._exit_code

    def _next(self) -> Signalled | Ready | Ended | None:
        look_at = None if self._child is None else monotonic() + LOOK_AFTER
        deadlines = [deadline for deadline in (self._start_at, self._stop_at, look_at) if deadline is not None]
        timeout = max(0.0, min(deadlines) - monotonic()) if deadlines else None
        try:
            return self.inbox.get(timeout=timeout)
        except Empty:
            return None

    def _start(self) -> None:
        self._start_at = None
        try:
            self._child = Child(self._command, self.inbox.put, self._repeats.line)
        except OSError as error:
            self._start_later(f"{self._command[0]} could not be started: {error.strerror}")

    def _start_later(self, why: str) -> None:
        if not self._restart:
            self._say(why)
            self._exit_code = 1
            return
        # Who waits for a minute, or an hour, is not told so every five seconds.
        if self._delay < LONGEST_DELAY:
            self._say(f"{why}; starting again in {self._delay:g} s")
        elif not self._is_waiting:
            self._say(f"{why}; starting again every {self._delay:g} s until it works")
        self._is_waiting = self._delay == LONGEST_DELAY
        self._start_at = monotonic() + self._delay
        self._delay = longer(self._delay)

    def _on_ready(self, child: Child) -> None:
        self._delay = FIRST_DELAY
        if self._stop_at is not None and not child.asked:
            child.ask_to_leave()

    def _on_end(self, child: Child, code: int) -> None:
        self._child = None
        self._repeats.end_life(ready=child.ready)
        what = f"pid {child.pid} {describe(code)}"
        if not self._restart or has_left(child.asked, code):
            self._exit_code = 0 if code == 0 else 1
        elif child.ready:
            self._say(f"{what}; starting again")
            self._start()
        else:
            self._start_later(what)

    def _on_signal(self) -> None:
        first = self._stop_at is None
        if first:
            self._stop_at = monotonic() + STOP_AFTER
            self._delay = FIRST_DELAY
        if self._child is not None:
            if self._child.ready or not first:
                self._child.ask_to_leave()
        elif first:
            self._say("told to stop; starting once more, for what is not on disk yet")
            self._start()
        else:
            self._exit_code = 1

    def _on_deadline(self) -> None:
        now = monotonic()
        if self._stop_at is not None and now >= self._stop_at:
            self._leave()
        elif self._start_at is not None and now >= self._start_at:
            self._start()
        elif self._child is not None and self._child is not self._awaited and is_dying(self._child.pid):
            self._awaited = self._child
            self._say(
                f"pid {self._child.pid} was killed, and a call of it to the disk has not returned; "
                "the next one starts when it is gone"
            )

    def _leave(self) -> None:
        if self._child is not None:
            self._say(f"pid {self._child.pid} has not ended in time; killing it")
            self._child.kill()
        self._exit_code = 1

    def _say(self, what: str) -> None:
        self._printer.line(f"keeper: {what}".encode("utf-8", "surrogateescape"))


def longer(delay: float) -> float:
    """Return the delay after `delay`, in seconds: twice as long, at most 5."""
    return min(2 * delay, LONGEST_DELAY)


def describe(code: int) -> str:
    """Say in words how a process ended: `was killed by SIGKILL`, `exited with 1`."""
    if code >= 0:
        return f"exited with {code}"
    names = {known.value: known.name for known in signal.Signals}
    return f"was killed by {names.get(-code, f'signal {-code}')}"


def has_left(asked: int, code: int) -> bool:
    """Whether a child asked so many times to leave did so. One that another signal killed has not drained."""
    return asked > 1 or (asked == 1 and (code >= 0 or code == -signal.SIGTERM))


def listen(inbox: SimpleQueue[Signalled | Ready | Ended]) -> None:
    """Put each signal that asks to stop into `inbox`, however the main thread is waiting at that moment."""
    receiver, sender = socket.socketpair()
    sender.settimeout(0)
    signal.set_wakeup_fd(sender.detach())
    for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        # nohup ignores SIGHUP for what it starts.
        if number is not None and not (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
            signal.signal(number, _leave_it_to_the_listener)
    threading.Thread(target=_pass_on, args=(receiver, inbox), name="signals", daemon=True).start()


def _leave_it_to_the_listener(_number: int, _frame: object) -> None:
    """Without a handler in Python nothing is written to the wake-up descriptor."""


def _pass_on(receiver: socket.socket, inbox: SimpleQueue[Signalled | Ready | Ended]) -> None:
    while numbers := receiver.recv(1):
        inbox.put(Signalled(numbers[0]))


def main() -> None:
    """Run the keeper as a process."""
    parser = argparse.ArgumentParser(
        prog="python -m shared.keeper", description="Keeps the audit trail's writer alive."
    )
    parser.add_argument("--no-restart", action="store_true", help="end when it ends, to see how the GUI does without")
    parser.add_argument("command", nargs="*", help="after `--`: start this command instead")
    options = parser.parse_args()
    streams.occupy()
    printer = Printer(streams.STDOUT)
    keeper = Keeper(options.command or DEFAULT_COMMAND, printer, restart=not options.no_restart)
    listen(keeper.inbox)
    when_unread(streams.STDOUT, lambda: keeper.inbox.put(Signalled(HANGUP)))
    code = keeper.run()
    printer.finish(PRINT_AFTER)
    # Not sys.exit: a thread may be stuck in a write, or waiting for a child that the kernel does not let go.
    os._exit(code)


if __name__ == "__main__":
    main()
