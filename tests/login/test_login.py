"""Who is named in the log before, during and after a real login in a real browser."""

import re
from collections.abc import Callable
from importlib.util import find_spec

import pytest
from playwright.sync_api import Page

from shared.naming import Directories
from tests.stack.browser import needs_chromium, page
from tests.stack.conftest import directories, start
from tests.stack.running import URL, Stack
from tests.stack.test_honcho import chained

__all__ = ["directories", "page", "start"]

pytestmark = [
    needs_chromium,
    pytest.mark.long,
    pytest.mark.skipif(find_spec("authlib") is None, reason="Authlib is not installed; uv sync installs it"),
]


def test_the_actor_is_the_system_user_before_a_login_and_who_logged_in_behind_it(
    start: Callable[..., Stack], directories: Directories, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.login.provider import USER, provider  # noqa: PLC0415 - not before it is known to be installed

    monkeypatch.setenv("LOGNAME", "whoever-started-it")
    with provider() as issuer:
        monkeypatch.setenv("TEST_ISSUER", issuer.issuer)
        stack = start("python -u -m tests.login")
        stack.wait_until_ready()
        page.goto(stack.wait_for(URL)[1])
        page.get_by_text("Nobody is logged in").wait_for()
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("link", name="I am Ada").click()
        page.get_by_text(f"Welcome {USER}").wait_for()
        stack.wait_for(re.compile("Session started"), 2)
        page.get_by_role("button", name="Log out").click()
        page.get_by_text("Nobody is logged in").wait_for()
        stack.wait_for(re.compile("Session started"), 3)
        stack.terminate()
    assert issuer.tokens_given == 1
    (log,) = directories.audit.iterdir()
    started = [line for line in chained(log) if line["message"] == "Session started"]
    assert [(line["actor"], line["actor_from"]) for line in started] == [
        ("whoever-started-it", "system"), (USER, "login"), ("whoever-started-it", "system"),
    ]  # fmt: skip
    assert len({line["session"] for line in started}) == 3
