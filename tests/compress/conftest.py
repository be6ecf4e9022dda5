from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fault.mount import Mount


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Mount]:
    mount = Mount(tmp_path)
    yield mount
    mount.close()
