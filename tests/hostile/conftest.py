from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.support.processes import Pair


@pytest.fixture
def pair() -> Iterator[Pair]:
    with ExitStack() as stack:
        yield Pair(stack)
