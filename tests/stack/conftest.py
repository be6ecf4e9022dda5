import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared.naming import Directories
from tests.stack.browser import page
from tests.stack.running import Stack

__all__ = ["page"]


@pytest.fixture
def directories() -> Iterator[Directories]:
    # Not tmp_path, whose length a socket's path may not have.
    base = Path(tempfile.mkdtemp(prefix="dt-", dir="/tmp"))
    yield Directories(base / "logs", base / "run")
    shutil.rmtree(base)


@pytest.fixture
def start(directories: Directories, tmp_path: Path) -> Iterator[Callable[..., Stack]]:
    stacks: list[Stack] = []

    def begin(gui: str = "python -u -m gui") -> Stack:
        stacks.append(Stack(directories, tmp_path, gui))
        return stacks[-1]

    yield begin
    for stack in stacks:
        stack.close()
