"""What is recorded of widgets that were changed, in Streamlit's own AppTest."""

import pytest
from streamlit.testing.v1 import AppTest

from gui.audit.client import Client
from tests.gui.listening import Listener

LONG = "QX" * 200


def script() -> None:
    import streamlit as st  # noqa: PLC0415 - Streamlit runs this function's text

    from gui.auditing import audited_navigation  # noqa: PLC0415 - as above

    def page() -> None:
        if not st.session_state.get("hidden"):
            st.text_input("Name", key="name")
        st.selectbox("Size", ["small", "large"], key="size")
        st.button("Go", key="go")

    audited_navigation([st.Page(page, title="Widgets")], values_of=["size"]).run()


@pytest.fixture
def app(client: Client) -> AppTest:
    del client  # the one that the page logs to
    return AppTest.from_function(script, default_timeout=60).run()


def choose(app: AppTest, size: str) -> None:
    app.selectbox(key="size").set_value(size).run()
    assert not app.exception


def recorded(listener: Listener) -> list[tuple[str, object]]:
    """What was recorded of widgets, once the last of it is there: one that is chosen for that."""
    events = [event for _, event in sorted(listener.events.items()) if event.category == "widget"]
    return [(event.message, event.extra["change"]) for event in events]


def test_changes_and_presses_are_recorded_once_and_values_only_where_they_are_asked_for(
    app: AppTest, listener: Listener
) -> None:
    for text in (LONG, LONG[:-1] + "Y", ""):
        app.text_input(key="name").set_value(text).run()
    app.button(key="go").click().run()
    app.run()
    choose(app, "large")
    assert listener.wait_for("Changed size").extra["values"] == {"size": "large"}
    assert recorded(listener) == [
        ("Changed name", "filled"), ("Changed name", "changed"), ("Changed name", "emptied"),
        ("Pressed go", "pressed"), ("Changed size", "changed"),
    ]  # fmt: skip
    assert "QX" not in str(listener.events)


def test_a_long_text_is_not_kept_to_be_compared_with(app: AppTest) -> None:
    app.text_input(key="name").set_value(LONG).run()
    assert "QX" not in str(app.session_state["_audited_widgets"])


def test_a_widget_that_goes_and_comes_back_was_changed_by_nobody(app: AppTest, listener: Listener) -> None:
    app.text_input(key="name").set_value("Ada").run()
    for hidden in (True, False):
        app.session_state["hidden"] = hidden
        app.run()
    app.run()
    choose(app, "large")
    listener.wait_for("Changed size")
    assert recorded(listener) == [("Changed name", "filled"), ("Changed size", "changed")]
