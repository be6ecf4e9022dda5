"""The modelled audit directory of a desk: logs in parts, of which some bytes are durable; and the cursor's file."""

from contextlib import suppress

from sidecar.forward.extent import PartFile, Stretch


class PartData:
    """`durable` bytes of `data` stay, whatever happens; `settled_at`: when it was last written to."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.durable = 0
        self.compressed = False
        self.settled_at = 0.0


class Directory:
    """Of one desk. `lines` is what was ever durable of each run, in order: part, line and text."""

    def __init__(self) -> None:
        self.runs: dict[str, dict[int, PartData]] = {}
        self.closed: set[str] = set()
        self.cursor: bytes | None = None
        self.cursors: list[bytes] = []
        self.writers = 0


class Files:
    """In the place of `forward.lines.LogFiles`."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def find(self) -> dict[str, list[PartFile]]:
        return {
            run: [PartFile(number, part.compressed, len(part.data)) for number, part in parts.items()]
            for run, parts in self._directory.runs.items()
        }

    def closed_size(self, run: str, part: int, written_before: float) -> int | None:
        found = self._part(run, part)
        if run not in self._directory.closed or found.settled_at > written_before:
            return None
        return len(found.data)

    def read(self, run: str, stretch: Stretch, offset: int, most: int) -> list[bytes]:
        data = self._data(run, stretch)[offset:]
        return data.split(b"\n", most)[:-1]

    def ends_with(self, run: str, stretch: Stretch, offset: int, body: bytes) -> bool:
        return (b"\n" + self._data(run, stretch)[:offset]).endswith(b"\n%s\n" % body)

    def find_end(self, run: str, stretch: Stretch, line: int) -> tuple[int, bytes] | None:
        lines = self._data(run, stretch).split(b"\n")[:-1]
        if len(lines) < line:
            return None
        return sum(len(each) + 1 for each in lines[:line]), lines[line - 1]

    def count_lines(self, run: str, stretch: Stretch, offset: int, most: int) -> tuple[int, int]:
        data = self._data(run, stretch)[offset : offset + most]
        return data.count(b"\n"), len(data)

    def close(self) -> None:
        """Nothing is open."""

    def _data(self, run: str, stretch: Stretch) -> bytes:
        data = bytes(self._part(run, stretch.part).data)
        return data if stretch.compressed or stretch.limit is None else data[: stretch.limit]

    def _part(self, run: str, part: int) -> PartData:
        try:
            return self._directory.runs[run][part]
        except KeyError as error:
            raise FileNotFoundError(2, "No such file or directory") from error


class CursorFile:
    """In the place of `forward.cursor_file.CursorFile`. Who was killed replaces nothing any more."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._writer = directory.writers

    def read(self) -> bytes:
        if self._directory.cursor is None:
            raise FileNotFoundError(2, "No such file or directory")
        return self._directory.cursor

    def replace(self, data: bytes) -> None:
        if self._writer == self._directory.writers:
            with suppress(IndexError):
                del self._directory.cursors[:-8]
            self._directory.cursors.append(data)
            self._directory.cursor = data
