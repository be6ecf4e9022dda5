"""One run's log on its way: what may be forwarded of it, how far it is, how much waits. Pure."""

from sidecar.forward.extent import Stretch, Told, is_done
from sidecar.forward.lane import Position


class Log:
    """`position` is None while it is not known. `trouble` says why it does not go on, `retry_at` (monotonic) when it may again.

    `seen` is the most that was ever there to be forwarded of each part, in bytes.
    """

    def __init__(self, run: str, position: Position | None = None) -> None:
        self.run = run
        self.position = position
        self.told: Told | None = None
        self.stretches: list[Stretch] = []
        self.trouble = ""
        self.retry_at = 0.0
        self._retry_s = 0.0
        self.seen: dict[int, int] = {}
        # Lines of a part from its beginning to a byte.
        self._counted: dict[int, tuple[int, int]] = {}
        # Read to the end, so that what stands behind the last newline is not read again and again.
        self._exhausted: list[Stretch] = []

    @property
    def may_have_more(self) -> bool:
        """Whether something may have come that is to be forwarded."""
        if not self.stretches or self.stretches == self._exhausted:
            return False
        return self.position is None or not is_done(self.position, self.stretches)

    def forget(self) -> None:
        """How far it is is not known any more."""
        self.position, self._exhausted = None, []

    def exhaust(self, stretches: list[Stretch]) -> None:
        """There was no whole line behind the position in `stretches`."""
        self._exhausted = stretches

    def hinder(self, reason: str, now: float, first_s: float, most_s: float) -> None:
        """It does not go on now, and may again in `first_s` seconds, then in twice as many, at last in `most_s`."""
        self.trouble = reason
        self._retry_s = min(self._retry_s * 2 or first_s, most_s)
        self.retry_at = now + self._retry_s

    def moved(self) -> None:
        """It went on."""
        self.trouble, self._retry_s = "", 0.0

    def next_uncounted(self) -> tuple[Stretch, int] | None:
        """A plain stretch whose lines from this byte on are not counted."""
        for stretch in self.stretches:
            offset, _ = self._count_of(stretch)
            if not stretch.compressed and offset < stretch.size and self._is_ahead(stretch):
                return stretch, offset
        return None

    def count(self, stretch: Stretch, offset: int, lines: int, size: int) -> None:
        """`lines` end in the `size` bytes from `offset` of a stretch."""
        before, counted = self._count_of(stretch)
        if before == offset:
            self._counted[stretch.part] = (offset + size, counted + lines)

    def waiting(self) -> tuple[int, int]:
        """How many lines wait, and how many bytes of which nobody knows how many lines they are."""
        lines = uncounted = 0
        for stretch in filter(self._is_ahead, self.stretches):
            offset, counted = self._count_of(stretch)
            lines += counted - (self.position.line if self.position and self.position.part == stretch.part else 0)
            uncounted += max(stretch.size - offset, 0)
        return lines, uncounted

    def _is_ahead(self, stretch: Stretch) -> bool:
        return self.position is None or stretch.part >= self.position.part

    def _count_of(self, stretch: Stretch) -> tuple[int, int]:
        counted = self._counted.get(stretch.part, (0, 0))
        if self.position is not None and self.position.part == stretch.part:
            return max(counted, (self.position.offset, self.position.line))
        return counted
