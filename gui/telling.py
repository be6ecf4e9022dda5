"""How long work says where it stands."""

from collections.abc import Callable

# Is called with how much of the work is done, from 0 to 1.
Tell = Callable[[float], object]


def silent(_share: float) -> None:
    """Say nothing."""


def part(tell: Tell, start: float, end: float) -> Tell:
    """Tell of a piece of the work, from 0 to 1, as the share of the whole from `start` to `end`."""
    return lambda share: tell(start + (end - start) * share)
