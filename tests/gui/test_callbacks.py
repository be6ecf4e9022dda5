"""Callbacks that are audited, in each way that one can end, in Streamlit's own AppTest."""

import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from gui.audit.client import Client
from gui.auditing import audited
from tests.gui.listening import Listener

CALM = "it has been recorded"


def script() -> None:
    import streamlit as st  # noqa: PLC0415 - Streamlit runs this function's text

    from gui.auditing import audited_navigation  # noqa: PLC0415 - as above
    from tests.gui import test_callbacks as callbacks  # noqa: PLC0415, PLW0406 - as above

    def page() -> None:
        for name in ("work", "fail", "stop", "rerun", "nested", "method"):
            st.button(name, key=name, on_click=getattr(callbacks, name), args=(3,))
        if st.checkbox("In the body", key="body"):
            callbacks.fail(0)
        callbacks.part()
        st.caption("The end of the page")

    audited_navigation([st.Page(page, title="Callbacks")], widgets=False).run()


@audited("Work")
def work(number: int) -> int:
    return 2 * number


@audited("Fail")
def fail(number: int) -> None:
    _ = number / 0


@audited("Stop")
def stop(_number: int) -> None:
    st.stop()


@audited("Rerun")
def rerun(_number: int) -> None:
    st.rerun()


@audited("Outer")
def nested(number: int) -> None:
    fail(number)
    st.session_state["went_on"] = True


class Order:
    @audited("Method")
    def approve(self, number: int) -> None:
        st.session_state["approved"] = number


method = Order().approve


@st.fragment
def part() -> None:
    st.button("In a fragment", key="in_fragment", on_click=fail, args=(1,))


@pytest.fixture
def app(client: Client) -> AppTest:
    del client  # the one that the page logs to
    return AppTest.from_function(script, default_timeout=60).run()


def said(app: AppTest) -> list[str]:
    return [each.value for each in app.error if CALM in each.value]


def press(app: AppTest, key: str) -> None:
    app.button(key=key).click().run()
    assert not app.exception
    assert [each.value for each in app.caption] == ["The end of the page"]


@pytest.mark.parametrize(
    ("key", "name", "outcome"),
    [("work", "Work", "ok"), ("stop", "Stop", "stopped"), ("rerun", "Rerun", "stopped"), ("method", "Method", "ok")],
)
def test_a_callback_is_recorded_with_how_it_ended(
    key: str, name: str, outcome: str, app: AppTest, listener: Listener
) -> None:
    app.button(key=key).click().run()
    event = listener.wait_for(name)
    assert event.extra["outcome"] == outcome
    assert event.extra["duration_ms"] >= 0  # type: ignore[operator]
    assert not said(app)
    assert listener.count(name) == 1


@pytest.mark.parametrize("key", ["fail", "in_fragment"])
def test_an_error_is_said_calmly_once_and_gone_with_the_next_action(key: str, app: AppTest, listener: Listener) -> None:
    press(app, key)
    assert len(said(app)) == 1
    event = listener.wait_for("Fail: ZeroDivisionError")
    assert event.extra["outcome"] == "error"
    press(app, "work")
    assert not said(app)
    listener.wait_for("Work")
    assert (listener.count("Fail: ZeroDivisionError"), listener.count("Fail")) == (1, 0)


def test_an_error_in_the_body_of_a_page_is_said_in_its_place(app: AppTest, listener: Listener) -> None:
    app.checkbox(key="body").check().run()
    assert len(said(app)) == 1
    assert [each.value for each in app.caption] == ["The end of the page"]
    listener.wait_for("Fail: ZeroDivisionError")
    assert listener.count("Fail: ZeroDivisionError") == 1
    # Behind a callback that is done it is no error within that.
    press(app, "work")
    assert len(said(app)) == 1


def test_what_called_a_callback_that_failed_does_not_take_it_for_done(app: AppTest, listener: Listener) -> None:
    press(app, "nested")
    assert "went_on" not in app.session_state
    assert len(said(app)) == 1
    assert listener.wait_for("Outer: ZeroDivisionError").extra["outcome"] == "error"
    assert (listener.count("Fail: ZeroDivisionError"), listener.count("Outer")) == (1, 0)


def test_without_a_page_an_error_is_recorded_and_goes_on_its_way(client: Client, listener: Listener) -> None:
    del client  # the one that it logs to
    assert work(4) == 8
    with pytest.raises(ZeroDivisionError):
        fail(1)
    ended: list[BaseException | None] = []

    def run() -> None:
        try:
            fail(1)
        except ZeroDivisionError as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert len(ended) == 1
    listener.wait_for("Work")
    listener.wait_for("Fail: ZeroDivisionError")


async def coroutine() -> None: ...


def generator() -> Iterator[None]:
    yield


async def agenerator() -> AsyncIterator[None]:
    yield


@pytest.mark.parametrize("function", [coroutine, generator, agenerator])
def test_what_would_only_be_made_ready_is_refused(function: Any) -> None:  # noqa: ANN401 - any of them
    with pytest.raises(TypeError, match="plain function"):
        audited("Later")(function)
