"""Can everything be done without a mouse? From the sample to the goodbye by Tab, Enter and Space."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.looks.tour import settle
from tests.stack.browser import needs_chromium
from tests.stack.conftest import directories, page, start
from tests.stack.running import URL, Stack

__all__ = ["directories", "page", "start"]

pytestmark = [needs_chromium, pytest.mark.long]

# More stops than any page has.
MOST_TABS = 150
# More than lie between the navigation and the end of the panel.
MOST_SLOW_TABS = 15
# The page as a whole has the focus when nothing else has.
_FOCUSED = """() => {
    const found = document.activeElement
    return found.matches("a, button, summary, input") ? (found.innerText || found.ariaLabel || "").trim() : ""
}"""


_CHART = "[data-testid=stSidebar] [data-testid=stVegaLiteChart]"
_COUNT_DRAWINGS = """chart => {
    window.drawn = 0
    new MutationObserver(() => window.drawn++).observe(
        document.querySelector(chart), {subtree: true, childList: true, attributes: true}
    )
}"""


def go_to(page: Page, label: str) -> None:
    """Press Tab until what has the focus says `label`."""
    settle(page)
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if focused(page) == label:
            return
    raise AssertionError(f"Tab never comes to {label!r}")


def focused(page: Page) -> str:
    """What that says which has the focus, in its last line: an icon's name may come before it."""
    return str(page.evaluate(_FOCUSED)).split("\n")[-1]


def press(page: Page, label: str) -> None:
    go_to(page, label)
    page.keyboard.press("Enter")


def test_a_table_is_cleaned_deduplicated_looked_up_in_the_trail_and_everything_ended_by_keyboard(
    start: Callable[..., Stack], page: Page
) -> None:
    stack = start()
    stack.wait_until_ready()
    page.goto(stack.wait_for(URL)[1])
    page.get_by_text("Everything is on disk.").wait_for()
    press(page, "Use the sample")
    expect(page.get_by_text("Duplicate rows").first).to_be_visible()
    press(page, "Clean text")
    expect(page.get_by_role("heading", name="Clean text", level=1)).to_be_visible()
    press(page, "Clean the table")
    expect(page.get_by_text("cells changed")).to_be_visible()
    press(page, "Deduplicate")
    expect(page.get_by_role("heading", name="Deduplicate", level=1)).to_be_visible()
    press(page, "Find duplicates")
    expect(page.get_by_text("Rows to go")).to_be_visible()
    press(page, "Remove the duplicates")
    expect(page.get_by_text("6 rows removed, 194 rows left.")).to_be_visible()
    press(page, "Audit trail")
    expect(page.get_by_role("heading", name="Audit trail", level=1)).to_be_visible()
    press(page, "Verify")
    expect(page.get_by_text("nobody changed this log", exact=False).first).to_be_visible()
    press(page, "Shut down")
    expect(page.get_by_text("All of the audit trail is on disk")).to_be_visible()
    assert stack.wait_for_end() == 0


def test_who_presses_tab_slowly_passes_what_is_drawn_anew_meanwhile(start: Callable[..., Stack], page: Page) -> None:
    stack = start()
    stack.wait_until_ready()
    page.goto(stack.wait_for(URL)[1])
    page.locator(_CHART).wait_for()
    page.evaluate(_COUNT_DRAWINGS, _CHART)
    go_to(page, "Deduplicate")
    stops = [""]
    while stops[-1] != "Shut down" and len(stops) < MOST_SLOW_TABS:
        page.keyboard.press("Tab")
        drawn = page.evaluate("() => window.drawn")
        page.wait_for_function("drawn => window.drawn > drawn + 1", arg=drawn)
        stops.append(focused(page))
    assert stops[-1] == "Shut down", stops
