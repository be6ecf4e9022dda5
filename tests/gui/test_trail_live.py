"""What the page of the trail draws of what it knows, in Streamlit's own AppTest; nobody is there to be asked."""

from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from gui.audit.client import Client
from gui.trail.filters import Choice
from gui.trail.following import Following
from gui.trail.trouble import Trouble
from gui.trail.view import View

OWN, OTHER = "20261123T153000Z-a1b2c3d4", "20261123T153000Z-00000000"
COUNTED = View(cells={(1_795_447_800, "nav"): (1, 0, 0)}, reached="2026-11-23T15:30:00.123456Z")
EMPTY = View(complete=True)


def script(following: "Following", paused: "bool") -> None:  # noqa: FBT001 - as AppTest calls it
    from gui.trail.live import draw_live  # noqa: PLC0415 - Streamlit runs this function's text

    draw_live(following, "20261123T153000Z-a1b2c3d4", paused=paused)


def drawn(run: str, view: View, *, trouble: bool = False, paused: bool = True, **choice: Any) -> str:  # noqa: ANN401 - a field's
    following = Following(choice=Choice(run, **choice), view=view, read_at=1_795_447_800.0)
    following.trouble = Trouble("gone", 1_795_447_800.0) if trouble else None
    page = AppTest.from_function(script, args=(following, paused), default_timeout=60).run()
    assert not page.exception
    return "\n".join(str(each.value) for part in (page.markdown, page.caption, page.warning) for each in part)


@pytest.mark.parametrize(
    ("run", "choice", "says"),
    [
        (OWN, {}, "What happens in this program appears here"),
        (OTHER, {}, "The log of this run holds none"),
        (OTHER, {"text": "x"}, "fits all of these filters"),
    ],
)
def test_a_log_without_a_line_to_show_says_why_and_what_could_not_be_read(
    run: str, choice: dict[str, Any], says: str
) -> None:
    assert says in drawn(run, EMPTY, **choice)
    assert "could not be read" not in drawn(run, EMPTY, **choice)
    assert "7 lines could not be read.] Verify, below" in drawn(run, replace(EMPTY, unread=7), **choice)


def test_counting_that_does_not_go_on_is_not_promised_to() -> None:
    assert "so far." in drawn(OWN, COUNTED)
    assert "so far." in drawn(OWN, COUNTED, trouble=True)
    assert "1 line could not be read" in drawn(OWN, replace(COUNTED, unread=1))


def test_only_a_page_that_is_not_paused_asks(client: Client) -> None:
    del client  # the one that has no sidecar
    assert "Paused" in drawn(OWN, COUNTED)
    assert "Below is what was read at" not in drawn(OWN, COUNTED)
    assert "Below is what was read at" in drawn(OWN, COUNTED, paused=False)
