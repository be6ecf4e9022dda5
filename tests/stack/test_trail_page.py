"""The Audit trail page in a real browser: opened, filtered, shared, a line opened, verified, and the sidecar killed beneath it."""

import os
import re
import signal
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import psutil
from playwright.sync_api import Page, expect

from shared.naming import Directories
from tests.stack.browser import needs_chromium
from tests.stack.running import READY, ROOT, URL, Stack, wait_until_durable
from tests.support.waiting import until

SOON_MS = 40_000
EVENTFUL = "python -u -m tests.stack.eventful_gui"
EVENTS = 401

pytestmark = needs_chromium


def expect_all_lines_counted(page: Page, log: Path) -> None:
    """What is shown catches up with a log that may still grow."""
    shown = page.get_by_test_id("stMain").get_by_test_id("stMetric").filter(has_text="Lines")
    until(
        lambda: shown.inner_text().split()[-1] == str(len(log.read_bytes().splitlines())) > str(EVENTS),
        lambda: f"{len(log.read_bytes().splitlines())} lines; there were {shown.inner_text()}",
    )


def expect_text(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.get_by_test_id("stMain").get_by_text(text).first).to_be_visible(timeout=SOON_MS)


def open_first_row(page: Page) -> None:
    """The table is drawn on a canvas: its rows are places. What it shows is told to a screen reader, and to a test."""
    expect(page.locator("[data-testid^=glide-cell-1-]")).to_have_count(1)
    # It is clicked where it comes to rest. On a busy machine one drawing is stale when the next begins.
    page.get_by_test_id("stDataFrame").click(position={"x": 16, "y": 52})


def test_the_trail_is_followed_filtered_shared_opened_verified_and_survives_the_sidecar(
    start: Callable[..., Stack], directories: Directories, page: Page
) -> None:
    stack = start(EVENTFUL)
    sidecar = stack.wait_until_ready()
    wait_until_durable(directories, EVENTS)
    (log,) = directories.audit.iterdir()
    url = stack.wait_for(URL)[1]

    # It follows: what happens in the page itself appears.
    page.goto(f"{url}/audit_trail")
    expect_text(page, "Following this run")
    expect_text(page, "The newest 100 lines")
    expect_all_lines_counted(page, log)
    expect(page).to_have_url(re.compile(r"run=\d{4}-\d\d-\d\d"))

    # It is filtered, and whoever gets the address sees the same.
    page.get_by_label("Text").fill("customers 107.csv")
    page.get_by_label("Text").press("Enter")
    expect_text(page, "All 1 line.")
    expect(page).to_have_url(re.compile(r"text=customers"))
    assert page.context.browser is not None
    other = page.context.browser.new_page()
    other.goto(page.url)
    expect_text(other, "All 1 line.")
    expect(other.get_by_label("Text")).to_have_value("customers 107.csv", timeout=SOON_MS)
    other.close()

    # A line is opened, whole, with its place in the chain.
    open_first_row(page)
    expect_text(page, "Its place in the chain")
    expect_text(page, "The next line carries its hash.")
    [line] = [each for each in log.read_bytes().splitlines() if b'"customers 107.csv"' in each]
    expect(page.get_by_test_id("stCode").filter(has_text="customers 107.csv")).to_contain_text(line[-66:-2].decode())

    # It is verified.
    page.get_by_role("button", name="Verify").click()
    expect_text(page, re.compile("Intact: nobody changed this log. 4[0-9]{2} events, none lost."))
    hashes = {sha256(each).hexdigest() for each in log.read_bytes().splitlines()}
    assert page.get_by_test_id("stCode").last.inner_text().strip() in hashes

    # Without a sidecar it keeps what it knows and says so; with the next one it goes on by itself.
    page.get_by_label("Text").fill("")
    page.get_by_label("Text").press("Enter")
    expect_text(page, "The newest 100 lines")
    keeper = psutil.Process(sidecar).parent()
    assert keeper is not None
    keeper.suspend()
    os.kill(sidecar, signal.SIGKILL)
    expect_text(page, re.compile(r"The sidecar is not running \(for \d+ s\).*Below is what was read at"))
    expect_text(page, "The newest 100 lines")
    keeper.resume()
    stack.wait_for(READY, 2)
    expect_text(page, "Following this run")
    expect_all_lines_counted(page, log)
    # Streamlit itself prints one when a browser leaves in the wrong moment.
    assert f'File "{ROOT}' not in stack.output
