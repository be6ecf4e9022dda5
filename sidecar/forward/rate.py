"""Bounds how fast lines are forwarded, so that a backlog of days does not take all of a line or a server. Pure."""

# What was not used may be made up for so long.
_BURST_S = 0.25


class Rate:
    """`per_s` lines a second, 0: as many as go; `now` in monotonic seconds."""

    def __init__(self, per_s: int, now: float) -> None:
        self._per_s = per_s
        self._free_at = now - _BURST_S

    def take(self, lines: int, now: float) -> float:
        """Take so many. Returns how many seconds to wait before they are sent."""
        if not self._per_s:
            return 0.0
        begin = max(self._free_at, now - _BURST_S)
        self._free_at = begin + lines / self._per_s
        return max(begin - now, 0.0)

    def most(self, width: int) -> int:
        """How many of `width` lines may go in one burst, for the rate to be kept evenly."""
        return min(width, max(self._per_s // 8, 1)) if self._per_s else width
