from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.fault.mount import Mount
from tests.fault.recording import Recording
from tests.support.processes import Pair


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Mount]:
    mount = Mount(tmp_path)
    yield mount
    mount.close()


@pytest.fixture
def pair(mount: Mount) -> Iterator[Pair]:
    """Writes its logs on the mount; the two processes meet elsewhere."""
    with ExitStack() as stack:
        pair = Pair(stack)
        pair.audit = mount.path / "logs"
        yield pair
        # First: a process that hangs in there would be waited for in vain.
        mount.close()


@pytest.fixture
def recording(pair: Pair) -> Recording:
    """Five events are durable."""
    recording = Recording(pair)
    recording.write(5)
    return recording
