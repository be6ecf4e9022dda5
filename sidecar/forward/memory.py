"""What is remembered of what was forwarded, and of which stream; kept in the cursor's file."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from sidecar.forward.calls import Calls
from sidecar.forward.cursor import BrokenCursorError, decode_cursor, encode_cursor
from sidecar.forward.cursor_file import CursorFile
from sidecar.forward.lane import Position


class Memory:
    """`positions` are those of the stream that `adopt` names, `unfinished` the runs of which something was yet to be forwarded."""

    def __init__(self, directory: Path) -> None:
        self.positions: dict[str, Position] = {}
        self.unfinished: list[str] = []
        self._calls, self._trouble = Calls(), ""
        self._file = CursorFile(directory)
        self._stream = ("", "", "")
        self._saved = b""

    @property
    def trouble(self) -> str:
        """Why it cannot be kept."""
        return self._calls.stuck() or self._trouble

    async def load(self) -> None:
        """Read the file; where that cannot be, the stream is asked for everything."""
        try:
            cursor = decode_cursor(await self._calls.do("reading the cursor", self._file.read))
        except (OSError, BrokenCursorError):
            # There is none, it was cut, or it cannot be had: it is written again.
            return
        self._stream = (cursor.stream, cursor.created, cursor.subject)
        self.positions.update(cursor.positions())
        self.unfinished = cursor.unfinished

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

    async def save(self, positions: Mapping[str, Position], unfinished: Iterable[str]) -> None:
        """Keep these, durably."""
        data = encode_cursor(*self._stream, dict(positions), unfinished)
        if data == self._saved:
            return
        try:
            await self._calls.do("writing the cursor", self._file.replace, data)
        except OSError as error:
            # The stream knows as well; only to ask and to count takes longer.
            self._trouble = f"{error.filename or 'the cursor'}: {error.strerror or error}"
        else:
            self._saved, self._trouble = data, ""
