"""A real browser, as .ci/run installs it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.stack.running import DEADLINE_S

CHROMIUM = shutil.which("chromium")
# As root in a container, without a graphics card, and without looking for anything outside.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed; .ci/run installs it")


@contextmanager
def opened_page(width: int = 1280, height: int = 720) -> Iterator[Page]:
    """A page of a browser of its own. What is expected of it may take as long as what is done to it."""
    expect.set_options(timeout=DEADLINE_S * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        # With a context, which can have further tabs.
        page = browser.new_context(viewport={"width": width, "height": height}).new_page()
        page.set_default_timeout(DEADLINE_S * 1000)
        yield page
        browser.close()


@pytest.fixture
def page() -> Iterator[Page]:
    with opened_page() as page:
        yield page
