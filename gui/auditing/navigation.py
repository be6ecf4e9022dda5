"""`st.navigation`, audited: who came, which page, what was changed, and what went wrong."""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from gui import ending
from gui.audit import log_exception, log_page_open, log_session_start
from gui.auditing.actor import find_actor
from gui.auditing.connection import note_connection
from gui.auditing.widgets import WidgetWatch
from gui.errors import CALM, mask_printed_errors, note_drawing, show_trouble

Pages = Sequence[StreamlitPage] | Mapping[str, Sequence[StreamlitPage]]


class AuditedPage:
    """The chosen page. `run` it; an error in it is recorded and said calmly, and what stands beside it stays."""

    def __init__(self, page: StreamlitPage, watch: WidgetWatch | None) -> None:
        self._page, self._watch = page, watch
        self.title = page.title
        self.icon = page.icon or None
        self.url_path = page.url_path

    def run(self) -> None:
        """Draw what the last callback could not do, then the page."""
        show_trouble()
        try:
            self._page.run()
        except Exception as error:  # noqa: BLE001 - the sidebar stays, and the stack goes where it can be read in peace
            log_exception(self.title, error)
            st.error(CALM, icon=":material/error:")
        finally:
            note_drawing(begins=False)
            if self._watch:
                self._watch.note_new()


def audited_navigation(
    pages: Pages,
    *,
    position: Literal["sidebar", "hidden", "top"] = "sidebar",
    expanded: bool | int = False,
    widgets: bool = True,
    values_of: Collection[str] = (),
) -> AuditedPage:
    """`st.navigation` for the start of an entry script. Records the session, the page once a visit, and changed widgets.

    `widgets` that have a key are recorded by it, without their values but for the keys in `values_of`.
    """
    note_drawing(begins=True)
    mask_printed_errors()
    ending.begin("streamlit run", st.__version__)
    note_connection()
    log_session_start(**find_actor())
    page = st.navigation(pages, position=position, expanded=expanded)
    watch = WidgetWatch(values_of) if widgets else None
    if watch:
        watch.note_changes()
    log_page_open(page.url_path or _slug(page.title))
    return AuditedPage(page, watch)


def _slug(title: str) -> str:
    return "-".join(title.lower().split())
