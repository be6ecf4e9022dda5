"""How long work says where it stands."""

from collections.abc import Callable

# Is called with how much of the work is done, from 0 to 1.
Tell = Callable[[float], object]


def silent(_share: float) -> None:
    """Say nothing."""
