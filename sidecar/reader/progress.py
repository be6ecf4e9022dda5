"""How far a job is that reads logs. Only looks."""

from collections.abc import Callable, Iterable
from pathlib import Path

from shared.naming import COMPRESSED

# About what a part grows when it is decompressed.
_GROWTH = 5


class Progress:
    """Adds up files that are read one after the other, all of them `times`; what is read beforehand of a later one does not reach a MiB.

    `tell` hears how many bytes of how many were read. Raises OSError.
    """

    def __init__(self, paths: Iterable[Path], tell: Callable[[int, int], None], times: int = 1) -> None:
        self._tell = tell
        self._before = 0
        self._sizes: dict[Path, int] = {}
        self._starts: dict[Path, int] = {}
        self._once = 0
        for path in paths:
            self._sizes[path] = path.lstat().st_size
            self._starts[path] = self._once
            self._once += self._sizes[path]
        self._total = self._once * times
        tell(0, self._total)

    def begin_again(self) -> None:
        """All of them have been read; now they are read once more."""
        self._before += self._once

    def reach(self, path: Path, read: int) -> None:
        """So many bytes of `path` have been read."""
        on_disk = read // _GROWTH if path.name.endswith(COMPRESSED) else read
        self._tell(self._before + self._starts[path] + min(on_disk, self._sizes[path]), self._total)
