from collections.abc import Iterator

import pytest

from tests.log.bench import Bench


@pytest.fixture
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A run's log in a directory of its own."""
    bench = Bench(tmp_path_factory.mktemp("audit") / "logs")
    yield bench
    bench.close()
