"""Shutting down from the page: the last event, a farewell, and the end of the process."""

import signal
import threading

import streamlit as st

from gui.audit import FlushResult, audit_log_path, flush_audit_log
from gui.ending import announce_end, is_ending
from gui.errors import guarded
from gui.status_words import count

FLUSH_S = 0.5
# Time for the farewell to reach this browser, and other tabs, whose panel looks each 0.5 s.
LAST_WORDS_S = 1.6

_FAREWELL = "farewell"


def shut_down_button() -> None:
    """Draw the button that ends the program for everybody who uses it."""
    st.button(
        "Shut down", icon=":material/power_settings_new:", key="shut_down", width="stretch", on_click=_end_session
    )


def show_farewell() -> None:
    """Once the button was pressed, here or in another tab: say goodbye and draw nothing else. Ends the process soon."""
    pressed_here: FlushResult | None = st.session_state.get(_FAREWELL)
    if pressed_here is None and not is_ending():
        return
    result = flush_audit_log(0) if pressed_here is None else pressed_here
    # On a phone the sidebar, where the button was, still covers the page.
    st.sidebar.subheader("Goodbye", anchor=False)
    st.sidebar.caption("The program has ended. You can close this tab.")
    st.navigation([st.Page(lambda: _draw(result), title="Goodbye", url_path="goodbye")], position="hidden").run()
    if pressed_here is not None:
        end_process_soon()
    st.stop()


def end_process_soon() -> None:
    """Interrupt this process in `LAST_WORDS_S` seconds, as Ctrl-C would; from inside, so that Windows does it too."""
    timer = threading.Timer(LAST_WORDS_S, signal.raise_signal, (signal.SIGINT,))
    timer.daemon = True
    timer.start()


@guarded("Shut down")
def _end_session() -> None:
    announce_end("button")
    st.session_state[_FAREWELL] = flush_audit_log(FLUSH_S)


def _draw(result: FlushResult) -> None:
    st.title("Goodbye", icon=":material/waving_hand:", anchor=False)
    st.write("The program has ended. You can close this tab.")
    _say_what_is_on_disk(result)


def _say_what_is_on_disk(result: FlushResult) -> None:
    if result:
        st.success(
            f"All of the audit trail is on disk: {count(result.durable, 'event')}.", icon=":material/check_circle:"
        )
    else:
        st.warning(
            f"{count(result.durable, 'event')} of the audit trail on disk; {count(result.pending, 'event')} still waiting. "
            "What no sidecar takes within the next seconds is lost with this process.",
            icon=":material/warning:",
        )
    st.caption("The log of this run")
    st.code(str(audit_log_path()), language=None, wrap_lines=True)
