"""What a page's rerun costs in a real browser on a healthy and on a hung disk, and how soon the panel says that it hangs."""

import time
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

from playwright.sync_api import Page

from tests.fault.hanging import Bench, bench
from tests.stack.browser import opened_page
from tests.stack.running import URL

# Links of the navigation, and what is drawn last on the page that they open.
PAGES = (("Clean text", "Clean the table"), ("Home", "Clean this table"))
# Looks with each frame that the browser draws.
SEEN = "([within, text]) => document.querySelector(within)?.innerText.includes(text)"
CLICK = """([title, last]) => new Promise(resolve => {
    const links = [...document.querySelectorAll("[data-testid=stSidebarNavLink]")];
    const start = performance.now();
    const look = () => document.querySelector("[data-testid=stMain]").innerText.includes(last)
        ? resolve((performance.now() - start) / 1000) : requestAnimationFrame(look);
    links.find(link => link.innerText.includes(title)).click();
    look();
})"""


def measure_page(root: Path, hangs: Sequence[bool], clicks: int) -> tuple[list[float], list[float], list[float]]:
    """Rounds of so many clicks, on a disk that hangs or not.

    Returns the seconds of each click on a healthy disk and on a hung one, and from each hang to the panel's word.
    """
    healthy: list[float] = []
    hung: list[float] = []
    told: list[float] = []
    with bench(root) as stage, stage.stack("python -u -m gui") as stack, opened_page() as page:
        stack.wait_until_ready()
        page.goto(stack.wait_for(URL)[1])
        page.get_by_role("button", name="Use the sample").click()
        see(page, "Clean this table", within="[data-testid=stMain]")
        see(page, "Everything is on disk.")
        pages = cycle(PAGES)
        for hang in hangs:
            if hang:
                told.append(time_hang(stage, page, next(pages)))
            (hung if hang else healthy).extend(time_click(page, next(pages)) for _ in range(clicks))
            stage.mount.release()
            see(page, "Everything is on disk.")
    return healthy, hung, told


def time_hang(stage: Bench, page: Page, target: tuple[str, str]) -> float:
    """Let the disk hang. Returns the seconds from the call that hung to the panel's word."""
    before = len(stage.mount.met("hung"))
    stage.mount.hang("fsync")
    time_click(page, target)
    stage.mount.wait_for("hung", "fsync", occurrence=before + 1)
    start = time.perf_counter()
    see(page, "Recording late")
    return time.perf_counter() - start


def time_click(page: Page, target: tuple[str, str]) -> float:
    """Seconds from the click until the page that it opens is drawn, by the browser's own clock."""
    return float(page.evaluate(CLICK, target))


def see(page: Page, text: str, within: str = "[data-testid=stSidebar]") -> None:
    page.wait_for_function(SEEN, arg=[within, text])
