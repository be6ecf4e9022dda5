"""Bounds how fast lines are forwarded, so that a backlog of days does not take all of a line or a server. Pure."""

from collections.abc import Sequence
from itertools import accumulate

# What was not used may be made up for so long.
_BURST_S = 0.25
# Of what goes in a second, so much goes at once.
_AT_ONCE = 1 / 8


class Rate:
    """So many lines a second, and so many bytes, whichever takes longer; 0: as many as go. `now` in monotonic seconds."""

    def __init__(self, lines_per_s: int, bytes_per_s: int, now: float) -> None:
        self._lines = _Bound(lines_per_s, now)
        self._bytes = _Bound(bytes_per_s, now)

    def take(self, lines: int, size: int, now: float) -> float:
        """Take so many lines, and their bytes. Returns how many seconds to wait before they are sent."""
        return max(self._lines.take(lines, now), self._bytes.take(size, now))

    def most(self, width: int) -> int:
        """How many of `width` lines may go in one burst, for the rate to be kept evenly."""
        return min(width, self._lines.at_once or width)

    def fitting(self, sizes: Sequence[int]) -> int:
        """How many messages of these sizes, in bytes, may go in one burst; one at least, where there is one."""
        if not self._bytes.at_once:
            return len(sizes)
        return max(sum(total <= self._bytes.at_once for total in accumulate(sizes)), min(len(sizes), 1))


class _Bound:
    """`per_s` of something a second; `at_once` is how much of it may go at once. 0: no bound."""

    def __init__(self, per_s: int, now: float) -> None:
        self._per_s = per_s
        self._free_at = now - _BURST_S
        self.at_once = max(int(per_s * _AT_ONCE), 1) if per_s else 0

    def take(self, amount: int, now: float) -> float:
        if not self._per_s:
            return 0.0
        begin = max(self._free_at, now - _BURST_S)
        self._free_at = begin + amount / self._per_s
        return max(begin - now, 0.0)
