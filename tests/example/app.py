"""The entry script of the example: three lines audit it."""

import streamlit as st

from gui.auditing import audited_navigation

page = audited_navigation(
    [st.Page("pages/orders.py", default=True), st.Page("pages/broken.py")], values_of=["size", "pin_token"]
)
st.sidebar.caption("The example's sidebar")
page.run()
