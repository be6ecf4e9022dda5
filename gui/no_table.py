"""What a page shows that works on a table, before there is one."""

import streamlit as st

from gui.loading import take_sample


def draw_no_table(why: str) -> None:
    """Say `why` there is nothing to do yet, and offer two ways to a table."""
    with st.container(border=True, horizontal_alignment="center", gap="small", key="no_table"):
        st.markdown("### :material/table_view: No table yet", text_alignment="center")
        st.caption(why, text_alignment="center")
        with st.container(horizontal=True, horizontal_alignment="center"):
            st.page_link("app_pages/home.py", label="Upload one on Home", icon=":material/upload_file:")
            st.button("Use the sample", icon=":material/dataset:", key="use_sample", on_click=take_sample)
