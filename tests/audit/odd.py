"""Values that do what no value should."""

from collections.abc import Callable
from typing import NoReturn

import pandas as pd


class FormattedError(AssertionError):
    """Somebody formatted what must not be formatted."""


def refuse(*_: object) -> NoReturn:
    raise FormattedError


class Saying:
    """Its text is whatever `speak` returns or raises."""

    def __init__(self, speak: Callable[[], object]) -> None:
        self._speak = speak

    def __str__(self) -> str:
        return self._speak()  # type: ignore[return-value]  # that is the point


class UnprintableFrame(pd.DataFrame):
    __str__ = __repr__ = _repr_html_ = refuse


class UnprintableSeries(pd.Series):
    __str__ = __repr__ = refuse


class HostileText(str):
    """A string whose every method raises."""

    __slots__ = ()

    __str__ = __repr__ = __len__ = __getitem__ = __iter__ = __contains__ = __eq__ = __format__ = refuse
    encode = isascii = lower = strip = isprintable = refuse  # type: ignore[assignment]
    __hash__ = str.__hash__


class HostileDict(dict[str, object]):
    items = keys = values = get = __iter__ = __len__ = __getitem__ = __str__ = __repr__ = refuse


class HostileList(list[object]):
    __iter__ = __len__ = __getitem__ = __str__ = __repr__ = refuse


class Pretender:
    """Says that it is a dictionary, as unittest.mock's do."""

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return dict


class HostileName(type):
    """A metaclass whose classes have a number for a name."""

    @property
    def __name__(cls) -> int:  # type: ignore[override]
        return 5


class HostileKind(type):
    """A metaclass whose classes can be neither hashed nor compared."""

    __hash__ = __eq__ = refuse


class OfHostileKind(metaclass=HostileKind):
    """Its type can be told by identity alone."""


def raiser(error: BaseException) -> Callable[[], str]:
    def speak() -> str:
        raise error

    return speak


def bottomless() -> str:
    """The commonest broken __str__: one that formats itself."""
    return bottomless()
