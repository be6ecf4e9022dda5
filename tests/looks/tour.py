"""Through all pages of a running GUI, before and after there is a table."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Locator, Page, expect

from tests.stack.running import DEADLINE_S

WIDE, NARROW, HEIGHT = 1280, 420, 900
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, Scheme] = ("light", "dark")

_SETTLED = """() => document.fonts.status === "loaded" && document.getAnimations().every(
    each => each.playState !== "running" || each.effect.getComputedTiming().endTime === Infinity)"""
_DRAWN = "() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))"


@dataclass(frozen=True)
class Sight:
    """Something to look at. `page` shows it until the next one is asked for."""

    page: Page
    name: str
    scheme: Scheme
    width: int

    def __str__(self) -> str:
        return f"{self.name}-{self.scheme}-{self.width}"


def sights(page: Page, only: str = "") -> Iterator[Sight]:
    """Each place of the tour in each look that has `only` in its name. `page` is at the beginning: Home without a table."""
    for name, go in _tour(page):
        page.set_viewport_size({"width": WIDE, "height": HEIGHT})
        go()
        yield from looks(page, name, only)


def looks(page: Page, name: str, only: str = "", height: int = HEIGHT) -> Iterator[Sight]:
    """What is shown now, in each look that has `only` in its name; it is wide again behind them."""
    for sight in (Sight(page, name, scheme, width) for scheme in SCHEMES for width in (WIDE, NARROW)):
        if only in str(sight):
            page.emulate_media(color_scheme=sight.scheme)
            page.set_viewport_size({"width": sight.width, "height": height})
            settle(page)
            yield sight
    page.set_viewport_size({"width": WIDE, "height": HEIGHT})


def settle(page: Page) -> None:
    """Wait until nothing on the page is of before, moves or loads."""
    # A link that was clicked is still pointed at, and its tooltip fades in whenever it likes.
    page.mouse.move(0, 0)
    expect(page.locator("[role=tooltip], [data-testid=stTooltipContent]")).to_have_count(0, timeout=DEADLINE_S * 1000)
    expect(page.locator("[data-stale=true], [data-testid=stSkeleton]")).to_have_count(0, timeout=DEADLINE_S * 1000)
    page.evaluate(_DRAWN)
    page.wait_for_function(_SETTLED)


def titles(page: Page) -> list[str]:
    """Of all pages, as the sidebar has them."""
    return [text.strip().splitlines()[-1] for text in links(page).all_inner_texts()]


def links(page: Page) -> Locator:
    return page.get_by_test_id("stSidebarNavLink")


def open_page(page: Page, title: str) -> None:
    """Open a page by its link and wait for its heading."""
    links(page).filter(has_text=title).click()
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible(timeout=DEADLINE_S * 1000)
    settle(page)


def _tour(page: Page) -> Iterator[tuple[str, Callable[[], None]]]:
    pages = titles(page)
    for title in pages:
        yield f"{_slug(title)}-empty", lambda title=title: open_page(page, title)  # type: ignore[misc]
    yield "home", lambda: _load_sample(page)
    for title in pages[1:]:
        yield _slug(title), lambda title=title: open_page(page, title)  # type: ignore[misc]
    yield "clean-text-result", lambda: _clean(page)
    yield "deduplicate-result", lambda: _deduplicate(page)
    yield "audit-trail-bundle", lambda: _make_bundle(page)


def _clean(page: Page) -> None:
    open_page(page, "Clean text")
    page.get_by_role("button", name="Clean the table").click()
    expect(page.get_by_role("button", name="Download XLSX")).to_be_visible(timeout=DEADLINE_S * 1000)


def _deduplicate(page: Page) -> None:
    """Two columns, so that there are groups of several sizes."""
    open_page(page, "Deduplicate")
    page.get_by_label("Columns to compare").fill("Last")
    page.get_by_role("option", name="Last name").click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Find duplicates").click()
    page.get_by_role("button", name="Remove the duplicates").click()
    expect(page.get_by_role("button", name="Download XLSX")).to_be_visible(timeout=DEADLINE_S * 1000)


def _make_bundle(page: Page) -> None:
    """On the Audit trail page: with something taken out, previewed, and ready to be downloaded."""
    open_page(page, "Audit trail")
    page.get_by_text("Take out the names of files, too").click()
    page.get_by_text("What will be in it").click()
    expect(page.get_by_text("Something is taken out").first).to_be_visible(timeout=DEADLINE_S * 1000)
    page.get_by_role("button", name="Make the bundle").click()
    download = page.get_by_role("button", name=re.compile("Download the zip"))
    expect(download).to_be_visible(timeout=DEADLINE_S * 1000)
    download.scroll_into_view_if_needed()


def _load_sample(page: Page) -> None:
    open_page(page, "Home")
    page.get_by_role("button", name="Use the sample").click()
    expect(page.get_by_text("Duplicate rows").first).to_be_visible(timeout=DEADLINE_S * 1000)


def _slug(title: str) -> str:
    return title.lower().replace(" ", "-")
