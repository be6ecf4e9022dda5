"""What is the matter with the disk: how long each call takes, and what comes of it."""

from collections import Counter
from random import Random

from tests.fault.power_cut.forgetful import WORKS, Fault
from tests.fault.power_cut.plan import CHANGES, CODES, draw_fault

# Linux does not kill who waits for a disk; a call that takes so long is such a one.
HANGS_S = 1.0


class DiskTrouble:
    """`call_s` is the longest that a call takes; `tally` counts what goes wrong."""

    def __init__(self, random: Random, call_s: float, tally: Counter[str]) -> None:
        self._random = random
        self._call_s = call_s
        self._tally = tally
        self._is_over = False
        self._hang_s = 0.0
        self._refusal = 0
        self._refuses_until = 0.0
        self._faults = self._short_writes = 0
        self._end_at_change = ""

    def end(self) -> None:
        """From here on the disk works, at once."""
        self._is_over = True

    def begin(self, what: str, amount: float, now: float) -> None:
        match what:
            case "hang":
                self._hang_s = amount * 4
            case "refuse":
                self._refuses_until = now + amount * 2
                self._refusal = self._random.choice(CODES["write"])
            case "fault":
                self._faults += 1
            case "short write":
                self._short_writes += 1
            case _:
                self._end_at_change = what

    def end_at(self, operation: str) -> str:
        """What ends the process in this call, empty for nothing."""
        if self._is_over or operation not in CHANGES or not self._end_at_change:
            return ""
        what, self._end_at_change = self._end_at_change, ""
        self._tally[what] += 1
        return what

    def seconds(self) -> float:
        """How long the next call takes."""
        if self._is_over:
            return 0.0
        if self._hang_s:
            self._tally["hang"] += 1
            seconds, self._hang_s = self._hang_s, 0.0
            return seconds
        return self._random.random() * self._call_s if self._call_s and self._random.random() < 0.3 else 0.0

    def fault(self, operation: str, now: float) -> Fault:
        """What comes of it."""
        if self._is_over:
            return WORKS
        if now < self._refuses_until and self._refusal in CODES.get(operation, ()):
            self._tally["refused calls"] += 1
            return Fault(share=float(operation == "fsync"), code=self._refusal)
        if self._short_writes and operation == "write":
            self._short_writes -= 1
            self._tally["short writes"] += 1
            return Fault(share=self._random.random())
        if self._faults and self._random.random() < (0.5 if operation in CHANGES else 0.02):
            self._faults -= 1
            self._tally["failed calls"] += 1
            return draw_fault(self._random, operation)
        return WORKS

    def end_of_process(self, operation: str, seconds: float, *, power: bool) -> Fault:
        """How much of a call is done when the process, or the `power`, ends in it."""
        if seconds > HANGS_S and not power:
            return Fault(share=1.0, ends=True)
        share = self._random.choice((0.0, 1.0, self._random.random() if operation == "write" else 1.0))
        return Fault(share=share, ends=True)
