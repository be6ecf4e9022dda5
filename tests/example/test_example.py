"""The example in a real browser, and its log, which a real sidecar wrote, line by line."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from shared.naming import Directories
from tests.stack.browser import needs_chromium
from tests.stack.conftest import directories, page, start
from tests.stack.running import URL, Stack
from tests.stack.test_honcho import chained

__all__ = ["directories", "page", "start"]

KEEP_SOCKETS = """
window.sockets = [];
window.WebSocket = new Proxy(WebSocket, {construct(Socket, given) {
    sockets.push(new Socket(...given));
    return sockets.at(-1);
}});
"""

pytestmark = [needs_chromium, pytest.mark.long]


def test_an_app_audited_in_three_lines_records_visits_widgets_callbacks_errors_and_connections(
    start: Callable[..., Stack], directories: Directories, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In the place of one that a proxy sets: Chromium no longer sends extra headers when it opens a WebSocket.
    monkeypatch.setenv("DATATOOLS_AUDIT_ACTOR_HEADER", "User-Agent")
    page.context.new_cdp_session(page).send("Emulation.setUserAgentOverride", {"userAgent": "ada@example.org"})
    page.add_init_script(KEEP_SOCKETS)
    stack = start("python -u -m tests.example")
    stack.wait_until_ready()
    page.goto(stack.wait_for(URL)[1])
    change_widgets(stack, page)
    make_mistakes(stack, page)
    leave_and_return(stack, page)
    stack.terminate()
    check_log(directories)
    assert "ConnectionError: cannot reach https://<masked>@example.org" in stack.output
    assert "QX" not in stack.output


def change_widgets(stack: Stack, page: Page) -> None:
    fill(page, "Customer", "Grace QX")
    stack.wait_for(re.compile("Changed customer"))
    fill(page, "PIN", "1234QX")
    stack.wait_for(re.compile("Changed pin_token"))
    for times in (1, 2):
        page.get_by_text("Urgent").click()
        stack.wait_for(re.compile("Changed urgent"), times)
    press(page, "Approve")
    stack.wait_for(re.compile("Pressed approve"))


def wait_for_rerun(page: Page) -> None:
    """Until the script has ended: a click before that may be taken with the same run."""
    page.locator('[data-testid=stApp][data-test-script-state="notRunning"]').wait_for()


def make_mistakes(stack: Stack, page: Page) -> None:
    # Two of them for a moment, while one is of the run before.
    calm = page.get_by_text("it has been recorded").first
    press(page, "Divide")
    stack.wait_for(re.compile("Divide: ZeroDivisionError"))
    expect(calm).to_be_visible()
    expect(page.get_by_text("Urgent")).to_be_visible()
    press(page, "Approve")
    expect(calm).to_have_count(0)
    wait_for_rerun(page)
    press(page, "Divide a part")
    stack.wait_for(re.compile("Divide: ZeroDivisionError"), 2)
    expect(calm).to_be_visible()
    press(page, "Approve")
    expect(calm).to_have_count(0)
    wait_for_rerun(page)
    press(page, "Break a part")
    expect(calm).to_be_visible()
    expect(page.get_by_text("Urgent")).to_be_visible()
    press(page, "Fail")
    stack.wait_for(re.compile("ConnectionError"))
    expect(calm).to_be_visible()
    link(page, "broken").click()
    stack.wait_for(re.compile("broken: IndexError"))
    expect(calm).to_be_visible()
    expect(page.get_by_text("The example's sidebar")).to_be_visible()
    link(page, "orders").click()
    expect(page.get_by_role("heading", name="Orders")).to_be_visible()


def leave_and_return(stack: Stack, page: Page) -> None:
    page.evaluate("sockets.at(-1).close(4000)")
    stack.wait_for(re.compile("Browser disconnected"))
    stack.wait_for(re.compile("Browser returned"))
    press(page, "Approve")
    stack.wait_for(re.compile("Approve the order"), 4)


def check_log(directories: Directories) -> None:
    (log,) = directories.audit.iterdir()
    raw = log.read_text(encoding="utf-8")
    assert "QX" not in raw
    events: list[dict[str, Any]] = [line for line in chained(log) if "seq" in line]
    said = {each["message"]: each for each in events}
    assert (said["Session started"]["actor"], said["Session started"]["actor_from"]) == ("ada@example.org", "header")
    assert said["Changed customer"]["change"] == "filled"
    assert "values" not in said["Changed customer"]
    assert said["Changed pin_token"]["values"] == {"pin_token": "<masked>"}
    assert (said["Approve the order"]["outcome"], said["Divide: ZeroDivisionError"]["outcome"]) == ("ok", "error")
    assert said["Script: ConnectionError"]["error"] == "cannot reach https://<masked>@example.org"
    assert said["broken: IndexError"]["stack"][-1] == "broken.py:4 <module>"
    assert said["Browser returned"]["away_s"] >= 0
    assert [each["message"] for each in events if each["category"] == "nav"] == [
        "Opened orders", "Opened broken", "Opened orders",
    ]  # fmt: skip
    session = {each["session"] for each in events if each["message"] not in {"GUI started", "Session ending"}}
    assert len(session) == 1
    assert events[-1]["message"] == "Session ending"


def fill(page: Page, label: str, text: str) -> None:
    page.get_by_label(label, exact=True).fill(text)
    page.get_by_label(label, exact=True).press("Enter")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def link(page: Page, title: str) -> Locator:
    return page.get_by_test_id("stSidebarNavLink").filter(has_text=title)
