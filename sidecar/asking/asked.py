"""A question as it came, and the way back to whoever asked it."""

from collections.abc import Callable
from typing import NamedTuple


class Asked(NamedTuple):
    """The asker's identity, the request's id, and the question."""

    identity: bytes
    request: bytes
    frame: bytes


# Takes an asker's identity, a request id and an answer.
Send = Callable[[bytes, bytes, bytes], None]
