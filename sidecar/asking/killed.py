"""Processes that were killed and may hang in the disk: `kill -9` reaches them when their call returns."""

from typing import NamedTuple

from sidecar.asking.process import ReaderProcess

# Killed and still there after so long: it hangs.
DYING_S = 0.15


class _Dying(NamedTuple):
    process: ReaderProcess
    asked_at: float
    killed_at: float


class Killed:
    """Those that are not gone yet."""

    def __init__(self) -> None:
        self._dying: list[_Dying] = []

    @property
    def some(self) -> bool:
        """Whether there are any."""
        return bool(self._dying)

    def kill(self, process: ReaderProcess, asked_at: float, now: float) -> None:
        """Kill a process that got no answer from the disk since `asked_at`, or is not needed any more."""
        process.kill()
        self._dying.append(_Dying(process, asked_at, now))

    def tend(self) -> None:
        """Forget those that are gone."""
        self._dying = [each for each in self._dying if not each.process.is_gone]

    def hung_s(self, now: float) -> float:
        """For how many seconds the disk has not answered; 0 while it answers."""
        waits = (now - each.asked_at for each in self._dying if now - each.killed_at > DYING_S)
        return max(waits, default=0.0)
