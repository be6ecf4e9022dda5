"""What one life after the other says on its way to the same failure, said once."""

from collections.abc import Callable

# A life that fails early says a line or two; one that says more is worth reading again.
MOST = 100


class Repeats:
    """Passes lines on to `print_line`, but for those that the life before said too, which did not come as far as ready."""

    def __init__(self, print_line: Callable[[bytes], None]) -> None:
        self._print_line = print_line
        self._before: set[bytes] = set()
        self._now: set[bytes] = set()

    def line(self, line: bytes) -> None:
        """Take a line of the present life."""
        if len(self._now) < MOST:
            self._now.add(line)
        if line not in self._before:
            self._print_line(line)

    def end_life(self, *, ready: bool) -> None:
        """Another life begins; `ready`: the one that ended had been."""
        self._before, self._now = set() if ready else self._now, set()
