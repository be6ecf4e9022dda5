from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.questions.asker import Asker
from tests.support.processes import Pair


@pytest.fixture
def pair() -> Iterator[Pair]:
    with ExitStack() as stack:
        yield Pair(stack)


@pytest.fixture
def asker(pair: Pair) -> Iterator[Asker]:
    """Asks the sidecar of `pair`, started before or after."""
    with Asker(pair.run_dir) as asker:
        yield asker
