"""Widgets and callbacks of each kind."""

import streamlit as st

from gui.auditing import audited


@audited("Approve the order")
def approve(number: int) -> None:
    st.session_state["approved"] = number


@audited("Divide")
def divide() -> None:
    st.session_state["share"] = 1 / 0


def fail() -> None:
    message = "cannot reach https://ada:hunter2QX@example.org"
    raise ConnectionError(message)


@st.fragment
def part() -> None:
    if st.button("Break a part", key="break_part"):
        raise LookupError
    st.button("Divide a part", key="divide_part", on_click=divide)


st.title("Orders", anchor=False)
st.text_input("Customer", key="customer")
st.text_input("PIN", key="pin_token")
st.selectbox("Size", ["small", "large"], key="size")
st.checkbox("Urgent", key="urgent")
st.button("Approve", key="approve", on_click=approve, args=(7,))
st.button("Divide", key="divide", on_click=divide)
st.button("Fail", key="fail", on_click=fail)
part()
