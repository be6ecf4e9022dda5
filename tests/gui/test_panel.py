"""What the panel draws of each state, in Streamlit's own AppTest."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from gui.audit import AuditStatus


def script(status: "AuditStatus") -> None:
    from pathlib import Path  # noqa: PLC0415 - Streamlit runs this function's text

    import streamlit as st  # noqa: PLC0415 - as above

    from gui.diagnostics import _draw_badge, draw  # noqa: PLC0415 - as above
    from gui.status_words import describe  # noqa: PLC0415 - as above

    _draw_badge(describe(status, 0.0), st.empty())
    draw(status, Path("/l"))


@pytest.mark.parametrize(
    ("state", "lost", "badge"),
    [
        ("recording", 0, ""),
        ("absent", 0, "orange"),
        ("failing", 0, "red"),
        ("recording", 5, "red"),
        ("starting", 0, ""),
    ],
)
def test_numbers_losses_and_in_trouble_a_badge_are_drawn(state: str, lost: int, badge: str) -> None:
    status = AuditStatus("r", Path("/l"), state, None, "", "", 7, 3, lost, 0, "")
    page = AppTest.from_function(script, args=(status,), default_timeout=60).run()
    assert not page.exception
    assert [each.value for each in page.metric] == ["3", "7", str(lost)]
    texts = [each.value for each in page.markdown]
    assert any("The log says which ones" in text for text in texts) == bool(lost)
    assert any(f":{badge}-badge[" in text for text in texts) == bool(badge)
