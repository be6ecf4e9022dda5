"""What is remembered of what was forwarded, and of which stream; kept in the cursor's file."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from sidecar.forward.cursor import BrokenCursorError, decode_cursor, encode_cursor
from sidecar.forward.cursor_file import CursorFile
from sidecar.forward.lane import Position


class Memory:
    """`positions` are those of the stream that `adopt` names; `trouble` says why they cannot be kept."""

    def __init__(self, directory: Path) -> None:
        self.positions: dict[str, Position] = {}
        self.trouble = ""
        self._file = CursorFile(directory)
        self._stream = ("", "", "")
        self._saved = b""

    async def load(self) -> None:
        """Read the file; where that cannot be, the stream is asked for everything."""
        try:
            cursor = decode_cursor(await asyncio.to_thread(self._file.read))
        except (OSError, BrokenCursorError):
            # There is none, it was cut, or it cannot be had: it is written again.
            return
        self._stream = (cursor.stream, cursor.created, cursor.subject)
        self.positions.update(cursor.positions())

    def adopt(self, stream: str, created: str, subject: str, last_seq: int) -> bool:
        """From now on it is this stream. Returns whether it was before.

        What it cannot have held, because its end was lost, is forgotten; and all, when it is another one or was made anew.
        """
        is_same = self._stream == (stream, created, subject)
        self._stream = (stream, created, subject)
        for run, position in list(self.positions.items()):
            if not is_same or position.seq > last_seq:
                del self.positions[run]
        return is_same

    async def save(self, positions: Mapping[str, Position]) -> None:
        """Keep these, durably."""
        data = encode_cursor(*self._stream, dict(positions))
        if data == self._saved or not self._stream[0]:
            return
        try:
            await asyncio.to_thread(self._file.replace, data)
        except OSError as error:
            # The stream knows as well; only to ask and to count takes longer.
            self.trouble = f"{error.filename or 'the cursor'}: {error.strerror or error}"
        else:
            self._saved, self.trouble = data, ""
