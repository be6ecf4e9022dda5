from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.neighbours.machine import Machine, User
from tests.neighbours.users import ANNA, BERT, as_user


@pytest.fixture
def machine() -> Iterator[Machine]:
    as_user(BERT)  # or skip before anything is made
    with ExitStack() as stack:
        yield Machine(stack)


@pytest.fixture
def anna(machine: Machine) -> User:
    return machine.user(ANNA)


@pytest.fixture
def bert(machine: Machine) -> User:
    return machine.user(BERT)
