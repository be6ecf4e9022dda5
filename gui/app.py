"""The entry script: what every page shares, then the page. Runs from the top on every rerun."""

import streamlit as st

from gui.auditing import audited_navigation
from gui.diagnostics import panel
from gui.farewell import show_farewell, shut_down_button


def main() -> None:
    """Draw the sidebar and the chosen page."""
    st.set_page_config(page_title="Datatools", page_icon=":material/cleaning_services:", layout="wide")
    show_farewell()
    page = audited_navigation(
        [
            st.Page(
                "app_pages/home.py", title="Home", icon=":material/home:", url_path="home", default=True,
                help="Upload a table, or take the sample, and see what is wrong with it.",
            ),
            st.Page(
                "app_pages/clean_text.py", title="Clean text", icon=":material/cleaning_services:",
                help="Mend spaces, quotes, encodings and capitals; see every change; download the result.",
            ),
            st.Page(
                "app_pages/deduplicate.py", title="Deduplicate", icon=":material/content_copy:",
                help="Find rows that say the same, see them side by side, keep one of each.",
            ),
            st.Page(
                "app_pages/audit_trail.py", title="Audit trail", icon=":material/receipt_long:",
                help="See what was done, follow it live, and check that nobody changed the log.",
            ),
        ],
        # Each action logs itself, with its options.
        widgets=False,
    )  # fmt: skip
    trouble = st.empty()
    with st.sidebar:
        st.subheader("Audit trail", anchor=False)
        panel(trouble)
        shut_down_button()
    st.title(page.title, icon=page.icon, anchor=False)
    page.run()


main()
