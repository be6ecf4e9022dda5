"""What the audit trail reads of Streamlit's insides. Where this fails, Streamlit has moved it: see gui/auditing/inside.py."""

from streamlit.testing.v1 import AppTest

from gui.auditing.inside import is_button, keyed_values

PRESSED = {"button", "download", "submit", "menu", "chat"}
KEPT = {"text", "choice", "switch", "within"}


def script() -> None:
    import streamlit as st  # noqa: PLC0415 - Streamlit runs this function's text

    from gui.auditing.inside import is_button, keyed_values  # noqa: PLC0415 - as above

    st.session_state["own"] = 1
    st.text_input("Text", key="text")
    st.text_input("Without a key")
    st.selectbox("Choice", ["a", "b"], key="choice")
    st.toggle("Switch", key="switch")
    st.button("Button", key="button")
    st.download_button("Download", "", key="download")
    st.menu_button("Menu", ["a"], key="menu")
    st.chat_input("Chat", key="chat")
    with st.form("form"):
        st.text_input("Within", key="within")
        st.form_submit_button("Submit", key="submit")
    values = keyed_values()
    st.session_state["seen"] = {key: (values[key], is_button(key)) for key in values}


def test_widgets_with_a_key_are_told_from_what_a_script_keeps_and_buttons_from_the_rest() -> None:
    page = AppTest.from_function(script, default_timeout=60).run()
    assert not page.exception
    page.text_input(key="text").set_value("Ada").run()
    page.button(key="button").click().run()
    seen = page.session_state["seen"]
    assert set(seen) == PRESSED | KEPT
    assert {key for key in seen if seen[key][1]} == PRESSED
    assert (seen["text"][0], seen["button"][0], seen["switch"][0]) == ("Ada", True, False)


def test_outside_of_a_page_there_is_no_widget() -> None:
    assert keyed_values() == {}
    assert not is_button("button")
