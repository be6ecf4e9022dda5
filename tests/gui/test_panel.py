"""What the panel draws of each state, in Streamlit's own AppTest."""

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from gui.audit import AuditStatus, ForwardingStatus, Sample
from gui.history_chart import events_of

WELL = AuditStatus("r", Path("/l/r.jsonl"), "recording", None, "", "", 7, 3, 0, 0, "")
HEAD = "0123456789abcdef" * 4
FORWARDING = ForwardingStatus("nats://logs:4222", "forwarding", 0.0, "", 2, 0, "")
HISTORY = [Sample(100.0, 0, 40), Sample(101.0, 2, 45), Sample(103.0, 1, 51)]


def script(status: "AuditStatus", history: "list[Sample]") -> None:
    from pathlib import Path  # noqa: PLC0415 - Streamlit runs this function's text

    import streamlit as st  # noqa: PLC0415 - as above

    from gui.diagnostics import _draw_badge, draw  # noqa: PLC0415 - as above
    from gui.status_words import describe  # noqa: PLC0415 - as above

    status = st.session_state.get("status", status)
    _draw_badge(describe(status, 0.0), st.empty())
    draw(status, Path("/l"), history)


def drawn(status: AuditStatus, history: list[Sample] | None = None) -> AppTest:
    page = AppTest.from_function(script, args=(status, history or []), default_timeout=60).run()
    assert not page.exception
    return page


def texts(page: AppTest) -> str:
    return "\n".join(str(each.value) for part in (page.markdown, page.caption, page.code) for each in part)


@pytest.mark.parametrize(
    ("state", "lost", "badge"),
    [
        ("recording", 0, ""),
        ("absent", 0, "orange"),
        ("suspended", 0, "orange"),
        ("failing", 0, "red"),
        ("recording", 1, "red"),
        ("starting", 0, ""),
    ],
)
def test_numbers_losses_and_in_trouble_a_badge_are_drawn(state: str, lost: int, badge: str) -> None:
    page = drawn(replace(WELL, state=state, lost=lost))
    assert [each.value for each in page.metric] == ["3", "7", str(lost)]
    assert ("The log says which ones" in texts(page)) == bool(lost)
    assert (f":{badge}-badge[" in texts(page)) == bool(badge)
    page.session_state["status"] = WELL
    page.run()
    assert "-badge[" not in texts(page)


def test_all_that_is_known_is_drawn_and_what_is_not_is_left_out() -> None:
    page = drawn(replace(WELL, head=HEAD, notice="Log a.jsonl was cut", forwarding=FORWARDING), HISTORY)
    said = texts(page)
    for part in (str(WELL.log_path), HEAD, "Log a.jsonl was cut. Keep these files", "Forwarding: 2 lines wait, `nats"):
        assert part in said
    assert len(page.get("vega_lite_chart")) == 1
    page = drawn(WELL, HISTORY[:1])
    assert not page.get("vega_lite_chart")
    assert not any(part in texts(page) for part in ("Forwarding", "Keep these files", "--head"))


def test_the_chart_shows_what_waited_and_how_much_reached_the_disk_in_each_second() -> None:
    assert events_of(HISTORY).to_numpy().tolist() == [
        [-2 / 60, "Waiting", 2.0], [-2 / 60, "On disk, per second", 5.0],
        [0.0, "Waiting", 1.0], [0.0, "On disk, per second", 3.0],
    ]  # fmt: skip
