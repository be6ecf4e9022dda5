"""Can everybody read the pages and find their way in them? axe-core looks at each of them in each look."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.fault.mount import needs_fuse
from tests.looks.tour import Sight, sights
from tests.stack.browser import needs_chromium
from tests.stack.conftest import directories, page, start
from tests.stack.running import URL, Stack
from tests.stack.troubles import scene, trouble_sights

__all__ = ["directories", "page", "start"]

pytestmark = [needs_chromium, pytest.mark.long]

GRAVE = {"serious", "critical"}


def test_axe_finds_nothing_serious_on_any_page(start: Callable[..., Stack], page: Page) -> None:
    stack = start()
    stack.wait_until_ready()
    page.goto(stack.wait_for(URL)[1])
    page.get_by_text("Everything is on disk.").wait_for()
    assert_nothing_grave(sights(page))


@needs_fuse
def test_axe_finds_nothing_serious_in_the_panel_in_any_trouble(page: Page, tmp_path: Path) -> None:
    with scene(tmp_path / "scene", page) as troubled:
        assert_nothing_grave(trouble_sights(troubled))


def assert_nothing_grave(seen: Iterable[Sight]) -> None:
    axe = Axe()
    found = [
        f"{sight}: {each['id']}: {node['html'][:200]}: {node['failureSummary']}"
        for sight in seen
        for each in axe.run(sight.page).response["violations"]
        if each["impact"] in GRAVE
        for node in each["nodes"]
    ]
    assert not found, "\n".join(found)
