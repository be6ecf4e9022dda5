from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.keeper.running import Kept


@pytest.fixture
def keep(tmp_path: Path) -> Iterator[Callable[..., Kept]]:
    """Start a keeper whose child behaves as the words say."""
    with ExitStack() as stack:

        def start(*words: str, options: Sequence[str] = (), command: Sequence[str] = (), read: bool = True) -> Kept:
            kept = Kept(tmp_path, *words, options=options, command=command)
            stack.callback(kept.close)
            if read:
                kept.read()
            return kept

        yield start
