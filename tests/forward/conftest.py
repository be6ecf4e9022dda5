from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.forward.nats_server import Server
from tests.support.processes import Pair


@pytest.fixture
def server(pair: Pair) -> Iterator[Server]:
    """A server with a stream, to which the pair forwards."""
    with ExitStack() as stack:
        server = Server(stack, pair.root / "nats").start().wait_listening()
        server.make_stream()
        pair.settings["DATATOOLS_AUDIT_FORWARD"] = server.url
        yield server
