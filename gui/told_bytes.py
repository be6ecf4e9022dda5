"""Bytes that say how much of them was read, for a library that takes a file and has no word for it."""

import io

from gui.telling import Tell


class ToldBytes(io.BytesIO):
    """A file of `data` in memory; `tell` hears what share of it was read so far, from 0 to 1.

    What is read twice counts twice.
    """

    def __init__(self, data: bytes, tell: Tell) -> None:
        super().__init__(data)
        self._tell = tell
        self._all = max(len(data), 1)
        self._read = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Read as any file does."""
        part = super().read(size)
        self._read += len(part)
        self._tell(min(self._read / self._all, 1.0))
        return part
