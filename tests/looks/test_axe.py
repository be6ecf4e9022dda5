"""Can everybody read the pages and find their way in them? axe-core looks at each of them in each look."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.looks.tour import sights
from tests.stack.browser import needs_chromium
from tests.stack.conftest import directories, page, start
from tests.stack.running import URL, Stack

__all__ = ["directories", "page", "start"]

pytestmark = [needs_chromium, pytest.mark.long]

GRAVE = {"serious", "critical"}


def test_axe_finds_nothing_serious_on_any_page(start: Callable[..., Stack], page: Page) -> None:
    stack = start()
    stack.wait_until_ready()
    page.goto(stack.wait_for(URL)[1])
    page.get_by_text("Everything is on disk.").wait_for()
    axe = Axe()
    found = [
        f"{sight}: {each['id']}: {node['html'][:200]}: {node['failureSummary']}"
        for sight in sights(page)
        for each in axe.run(page).response["violations"]
        if each["impact"] in GRAVE
        for node in each["nodes"]
    ]
    assert not found, "\n".join(found)
