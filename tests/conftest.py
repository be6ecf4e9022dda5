from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, settings

from shared.transport import TRANSPORT_VARIABLE
from tests.support.bytecode import keep_bytecode
from tests.support.processes import Pair

# How long an example takes, or its making, is the machine's business: it may be busy.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


def pytest_configure(config: pytest.Config) -> None:
    # Before the workers start, which inherit it.
    keep_bytecode(config.rootpath / ".pytest_cache" / "bytecode")


@pytest.fixture
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    """Connects as a parameter says, see support/transports.py, else as the environment of the tests does."""
    with ExitStack() as stack:
        pair = Pair(stack)
        if transport := getattr(request, "param", None):
            pair.settings[TRANSPORT_VARIABLE] = transport
        yield pair
