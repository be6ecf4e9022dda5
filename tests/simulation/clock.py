"""Virtual time: it jumps to whatever is due next, and the project's own modules read it."""

import contextlib
import heapq
import time
from collections.abc import Callable, Iterator
from types import ModuleType

import gui.audit.recorder
import sidecar.liveness
import sidecar.records
import sidecar.retention
import sidecar.run
import sidecar.server
import sidecar.writer

# Unix seconds when a simulation begins; monotonic seconds, as of a machine that has been up for a while.
BEGIN = 1_795_447_800
UP_S = 1_000.0

_READERS = (gui.audit.recorder, sidecar.records, sidecar.retention, sidecar.server, sidecar.writer)


class Clock:
    """`now` in monotonic seconds. What happens is a list of actions, each due at a time."""

    def __init__(self) -> None:
        self.now = UP_S
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def at(self, when: float, action: Callable[[], None]) -> None:
        """Do `action` at `when`, behind what is due at the same time already."""
        self._count += 1
        heapq.heappush(self._due, (max(when, self.now), self._count, action))

    def after(self, delay: float, action: Callable[[], None]) -> None:
        self.at(self.now + delay, action)

    def run(self, until: float, is_enough: Callable[[], bool]) -> None:
        """Let happen what is due `until` then, or until that `is_enough`."""
        while not is_enough():
            if not self._due or self._due[0][0] > until:
                self.now = max(self.now, until)
                return
            self.now, _, action = heapq.heappop(self._due)
            action()


class Turns:
    """An actor that has its next turn at some time, or sooner."""

    def __init__(self, clock: Clock, act: Callable[[], None]) -> None:
        self._clock = clock
        self._act = act
        self._due: float | None = None

    def due(self, when: float) -> None:
        """Have a turn at `when`, unless there is one before."""
        if self._due is None or when < self._due:
            self._due = when
            self._clock.at(when, lambda: self._have(when))

    def _have(self, when: float) -> None:
        if self._due == when:
            self._due = None
            self._act()


class _Time(ModuleType):
    """Stands in the place of the module `time`."""

    def __init__(self, clock: Clock) -> None:
        super().__init__("time")
        self._clock = clock
        self.sleep = time.sleep

    def monotonic(self) -> float:
        return self._clock.now

    def time(self) -> float:
        return BEGIN + self._clock.now

    def time_ns(self) -> int:
        return round(self.time() * 1e6) * 1000


class Processes(ModuleType):
    """The processes that live, pid and start; stands in the place of the module `psutil`."""

    STATUS_ZOMBIE = "zombie"

    class NoSuchProcess(Exception):  # noqa: N818 - psutil's name
        """There is none."""

    class AccessDenied(Exception):  # noqa: N818 - psutil's name
        """Never raised here."""

    def __init__(self) -> None:
        super().__init__("psutil")
        self.living: dict[int, float] = {}

    def Process(self, pid: int) -> "Process":  # noqa: N802 - psutil's name
        if pid not in self.living:
            raise self.NoSuchProcess
        return Process(self, pid)


class Process:
    def __init__(self, processes: Processes, pid: int) -> None:
        self._processes = processes
        self._pid = pid

    def create_time(self) -> float:
        return self._processes.living[self._pid]

    def is_running(self) -> bool:
        return self._pid in self._processes.living

    def status(self) -> str:
        return "running"


@contextlib.contextmanager
def installed(clock: Clock, processes: Processes, names: Callable[[], str], held_bytes: int) -> Iterator[None]:
    """Within, the project reads this clock, sees these processes, and calls its sidecars by these `names`.

    A run in trouble holds `held_bytes`.
    """
    secrets = ModuleType("secrets")
    secrets.token_hex = lambda _: names()  # type: ignore[attr-defined]  # a module of its own
    patches: list[tuple[ModuleType, str, object]] = [(module, "time", _Time(clock)) for module in _READERS]
    patches += [(sidecar.liveness, "psutil", processes), (sidecar.server, "secrets", secrets)]
    patches += [(sidecar.run, "HELD_BYTES", held_bytes)]
    before = [(module, name, getattr(module, name)) for module, name, _ in patches]
    for module, name, value in patches:
        setattr(module, name, value)
    try:
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)
