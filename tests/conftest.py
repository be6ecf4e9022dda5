from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from shared.transport import TRANSPORT_VARIABLE
from tests.support.processes import Pair


@pytest.fixture
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    """Connects as a parameter says, see support/transports.py, else as the environment of the tests does."""
    with ExitStack() as stack:
        pair = Pair(stack)
        if transport := getattr(request, "param", None):
            pair.settings[TRANSPORT_VARIABLE] = transport
        yield pair
