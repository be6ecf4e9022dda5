"""What a producer can be asked to do, by name. A module that adds to it is imported by producer.py."""

from collections.abc import Callable
from typing import Any

Answer = dict[str, Any]
COMMANDS: dict[str, Callable[..., Answer]] = {}


def command(function: Callable[..., Answer]) -> Callable[..., Answer]:
    COMMANDS[function.__name__] = function
    return function
