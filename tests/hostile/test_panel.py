"""The panel shows whatever a sidecar says of itself, and is not steered by it."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from gui.audit import AuditStatus
from tests.hostile.lying import STEERING

STATES = ["stalled", "failing", STEERING]
MOST = 2**63 - 1
LYING = AuditStatus(
    "r", Path("/l"), "recording", 253_402_300_799.0, STEERING, STEERING, MOST, MOST, MOST, MOST, "0" * 64, STEERING
)


def script(status: "AuditStatus", folder: "Path") -> None:
    from gui.diagnostics import draw  # noqa: PLC0415 - Streamlit runs this function's text

    draw(status, folder)


@pytest.mark.parametrize("state", STATES)
def test_the_panel_shows_lies_as_plain_text(state: str) -> None:
    page = AppTest.from_function(script, args=(replace(LYING, state=state), Path("/l")), default_timeout=60).run()
    assert not page.exception
    values = [getattr(each, "value", None) for each in page.main]
    # Within backticks everything stands for itself.
    shown = [re.sub(r"`[^`]*`", "", each.replace("\\`", "")) for each in values if isinstance(each, str)]
    assert any("Keep these files" in text for text in shown)
    assert any("127.0.0.1/x.png" in text for text in shown)
    for text in shown:
        assert text.isprintable()
        assert "![" not in text
        assert ":red[lost]" not in text
