"""The GUI process never looks at the audit directory: the kernel's own record of its file-system calls says so."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from shared.naming import Directories
from tests.stack.browser import needs_chromium
from tests.stack.running import DEADLINE_S, URL, Stack

STRACE = shutil.which("strace")


@needs_chromium
@pytest.mark.skipif(STRACE is None, reason="strace is not installed; .ci/run installs it")
def test_the_gui_process_opens_lists_and_stats_nothing_under_the_audit_directory(
    start: Callable[..., Stack], directories: Directories, page: Page, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    stack = start(f"{STRACE} -f -qq -e trace=%file -o {trace} python -u -m gui")
    stack.wait_until_ready()
    page.goto(stack.wait_for(URL)[1])
    page.get_by_role("button", name="Use the sample").click()
    stack.wait_for(re.compile("Analysed customers.csv"))
    on_disk = page.get_by_test_id("stSidebar").get_by_text("Everything is on disk.")
    expect(on_disk).to_be_visible(timeout=DEADLINE_S * 1000)
    # The page that shows the log, a line of it, and what verifying it finds.
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Audit trail").click()
    expect(page.get_by_text("Following this run")).to_be_visible(timeout=DEADLINE_S * 1000)
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("nobody changed this log")).to_be_visible(timeout=DEADLINE_S * 1000)
    # And what is made of it for support.
    page.get_by_text("What will be in it").click()
    expect(page.get_by_text("Nothing is taken out")).to_be_visible(timeout=DEADLINE_S * 1000)
    page.get_by_role("button", name="Make the bundle").click()
    with page.expect_download():
        page.get_by_role("button", name=re.compile("Download the zip")).click(timeout=DEADLINE_S * 1000)
    stack.terminate()
    calls = trace.read_text(errors="replace")
    assert str(directories.run) in calls, "the trace does not hold what the GUI does look at"
    assert str(directories.audit) not in calls
    assert len(list(directories.audit.iterdir())) == 1
