"""The page while the disk hangs, in a real browser: it says so, works on, and its Shut down button ends everything."""

import re
import zipfile
from pathlib import Path
from time import monotonic

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.fault.hanging import bench
from tests.fault.mount import needs_fuse
from tests.fault.stuck import STUCK, thread_states
from tests.stack.browser import needs_chromium, page
from tests.stack.running import URL

__all__ = ["page"]

# What "within 2 s" may take on a machine that others keep busy: a deadline, not a measurement.
SOON_MS = 40_000
# A promise: the GUI waits 3 s at most for its last events, and honcho 5 s for the others.
IN_TIME_S = 8.0

pytestmark = [needs_fuse, needs_chromium]


def test_the_page_says_that_the_disk_hangs_works_on_and_shuts_everything_down(page: Page, tmp_path: Path) -> None:
    with bench(tmp_path) as stage, stage.stack("python -u -m gui") as stack:
        sidecar = stack.wait_until_ready()
        sidebar = page.get_by_test_id("stSidebar")
        page.goto(stack.wait_for(URL)[1])
        expect_text(sidebar, "Everything is on disk.")

        stage.mount.hang("fsync")
        page.get_by_role("button", name="Use the sample").click()
        stage.mount.wait_for("hung", "fsync")
        expect_text(sidebar, "Recording late")
        (log,) = stage.backing.iterdir()
        expect_text(sidebar, re.compile(r"\d+ events? waits?, the disk has not answered for \d+ s"))
        since = r"Since \d\d:\d\d:\d\d at "
        expect_text(sidebar, re.compile(since + str(stage.pair.audit / log.name)))

        page.get_by_test_id("stSidebarNavLink").filter(has_text="Clean text").click()
        page.get_by_role("button", name="Clean the table").click()
        expect(page.get_by_text(re.compile("cells changed")).first).to_be_visible(timeout=SOON_MS)
        page.get_by_test_id("stSidebarNavLink").filter(has_text="Home").click()
        expect(page.get_by_text("Duplicate rows")).to_be_visible(timeout=SOON_MS)
        expect_text(sidebar, "Recording late")

        stage.mount.release()
        expect_text(sidebar, "Everything is on disk.")
        stack.wait_for(re.compile("Disk recovered after"))

        main = page.get_by_test_id("stMain")
        page.get_by_test_id("stSidebarNavLink").filter(has_text="Audit trail").click()
        expect_text(main, "Following this run")
        stage.mount.hang("readdir")
        expect_text(main, re.compile(r"The disk has not answered for \d+ s\..* Below is what was read at "))
        expect_text(main, re.compile(r"All \d+ lines"))
        # Alive: it is drawn anew, and says so still.
        page.get_by_label("Text").fill("customers")
        page.get_by_label("Text").press("Enter")
        expect_text(main, re.compile(r"The disk has not answered for \d+ s\."))
        stage.mount.release()
        expect_text(main, "Following this run")
        expect_text(main, re.compile(r"All [1-9]\d* lines?"))

        stage.mount.hang("write")
        page.get_by_test_id("stSidebarNavLink").filter(has_text="Clean text").click()
        stage.mount.wait_for("hung", "write")
        expect_text(sidebar, "Recording late")
        begun = monotonic()
        page.get_by_role("button", name="Shut down").click()
        expect(page.get_by_text("still waiting")).to_be_visible(timeout=SOON_MS)
        stack.wait_for(re.compile(r"gui\.1 stopped \(rc=0\)"))
        assert monotonic() - begun < IN_TIME_S
        begun = monotonic()
        stack.wait_for_end()
        assert monotonic() - begun < IN_TIME_S
        assert STUCK in thread_states(sidecar).values()
        assert "Traceback" not in stack.output


@pytest.mark.long
def test_a_bundle_waits_for_a_disk_that_hangs_and_the_page_stays_alive(page: Page, tmp_path: Path) -> None:
    with bench(tmp_path) as stage, stage.stack("python -u -m gui") as stack:
        stack.wait_until_ready()
        page.goto(f"{stack.wait_for(URL)[1]}/audit_trail")
        main = page.get_by_test_id("stMain")
        expect_text(main, "Following this run")
        bundle = page.locator(".st-key-trail_bundle")
        make = bundle.get_by_role("button", name="Make the bundle")
        download = bundle.get_by_role("button", name=re.compile("Download the zip"))

        stage.mount.hang("readdir")
        expect_text(main, re.compile(r"The disk has not answered for \d+ s\..* Below is what was read at "))
        bundle.get_by_text("What will be in it").click()
        make.click()
        # Of the preview and of the bundle.
        expect(bundle.get_by_text(re.compile(r"The disk has not answered for \d+ s\."))).to_have_count(
            2, timeout=SOON_MS
        )
        stage.mount.release()
        expect_text(bundle, "Nothing is taken out")
        expect(download).to_be_visible(timeout=SOON_MS)

        # Nobody else asks, so it is the bundle that meets it, and says for how long, while the page works on.
        main.get_by_text("Pause").click()
        expect_text(main, "Paused")
        stage.mount.hang("open")
        make.click()
        expect_text(bundle, re.compile(r"Checking and packing: 0%; the disk has not answered for \d+ s"))
        page.get_by_label("Text").fill("nowhere")
        page.get_by_label("Text").press("Enter")
        expect(page).to_have_url(re.compile("text=nowhere"), timeout=SOON_MS)
        expect_text(bundle, re.compile(r"Checking and packing: 0%; the disk has not answered for \d+ s"))
        stage.mount.release()
        expect(download).to_be_visible(timeout=SOON_MS)
        with page.expect_download() as downloaded:
            download.click()
        with zipfile.ZipFile(downloaded.value.path()) as made:
            [log] = stage.backing.iterdir()
            copy = made.read(f"logs/{log.name}")
            assert copy
            assert log.read_bytes().startswith(copy)
        assert "Traceback" not in stack.output


def expect_text(where: Locator, text: str | re.Pattern[str]) -> None:
    expect(where.get_by_text(text).first).to_be_visible(timeout=SOON_MS)
