"""An event loop whose time passes only when everybody waits, and then at once."""

import asyncio
import selectors
from typing import Any


class _Selector(selectors.SelectSelector):
    """Hears of nothing but that somebody would wait so long."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everybody waits, and for nothing")
        self.now += max(timeout, 0.0)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Begins at 0 seconds."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now


class Clock:
    """Stands for the module `time` where one is imported."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def monotonic(self) -> float:
        return self._loop.time()

    time = monotonic


async def here(call: Any, *arguments: Any) -> Any:  # noqa: ANN401 - whatever it takes and gives
    """Stands for asyncio.to_thread: others may run before."""
    await asyncio.sleep(0)
    return call(*arguments)
