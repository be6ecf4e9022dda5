"""What every open tab says when the button was pressed in one of them."""

import os
import signal
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from shared.naming import Directories
from tests.stack.browser import needs_chromium
from tests.stack.running import URL, Stack
from tests.stack.test_honcho import assert_closed_cleanly

pytestmark = [needs_chromium, pytest.mark.long]

ENDED = "The program has ended. You can close this tab."


def test_every_open_tab_says_goodbye_when_the_button_is_pressed_in_one(
    start: Callable[..., Stack], directories: Directories, page: Page
) -> None:
    stack = start("python -u -m tests.stack.patient_gui")
    sidecar = stack.wait_until_ready()
    here, there = page, page.context.new_page()
    for tab in (here, there):
        tab.goto(stack.wait_for(URL)[1])
        tab.get_by_text("Everything is on disk.").wait_for()
    os.kill(sidecar, signal.SIGSTOP)
    here.get_by_role("button", name="Shut down").click()
    for tab in (here, there):
        tab.get_by_text("1 event still waiting").wait_for()
    os.kill(sidecar, signal.SIGCONT)
    for tab in (here, there):
        # What waited is on disk before the process ends.
        tab.get_by_text("All of the audit trail is on disk").wait_for()
        tab.get_by_role("heading", name="Goodbye", level=1).wait_for()
        tab.get_by_test_id("stMain").get_by_text(ENDED).wait_for()
    stack.terminate()
    assert_closed_cleanly(directories)
