"""The cursor's file: replaced at one stroke, and durable before it counts.

It lies beside the logs, whose positions it holds: there it outlives a reboot, which the run directory need not.
"""

import os
from pathlib import Path

from sidecar import portable
from sidecar.reading import open_regular

NAME = "datatools-forward.cursor"
# Of some ten thousand runs.
_MOST_BYTES = 16 * 1024 * 1024


class CursorFile:
    """In `directory`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._path = directory / NAME

    def read(self) -> bytes:
        """What is in it. Raises OSError, FileNotFoundError among them."""
        with os.fdopen(open_regular(self._path, follow=False), "rb") as file:
            return file.read(_MOST_BYTES)

    def replace(self, data: bytes) -> None:
        """Put `data` there. Raises OSError."""
        # Two sidecars that share the logs may get at it at once; what comes of that is told from a cursor, and asked for.
        temporary = self._path.with_name(f"{NAME}.tmp")
        temporary.unlink(missing_ok=True)
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | portable.SAFELY, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(fd)
        temporary.replace(self._path)
        if portable.DIRECTORY:
            directory = os.open(self._directory, os.O_RDONLY | portable.DIRECTORY)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)
