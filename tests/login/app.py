"""The entry script: who is logged in, audited."""

import streamlit as st

from gui.auditing import audited_navigation


def account() -> None:
    if st.user.get("is_logged_in"):
        st.write(f"Welcome {st.user.get('email')}")
        st.button("Log out", on_click=st.logout)
    else:
        st.write("Nobody is logged in")
        st.button("Log in", on_click=st.login)


audited_navigation([st.Page(account, title="Account")]).run()
