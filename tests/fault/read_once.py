"""Makes `verify` affordable for thousands of logs that differ in one line."""

from functools import cache

import pytest

from sidecar.verify import check
from sidecar.verify.line import read_line


@pytest.fixture(autouse=True)
def read_each_line_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading a line is a pure function, so it makes no difference for what is found."""
    monkeypatch.setattr(check, "read_line", cache(read_line))
