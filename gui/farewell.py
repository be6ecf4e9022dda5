"""Shutting down from the page: the last event, a farewell, and the end of the process."""

import signal
import threading

import streamlit as st

from gui.audit import audit_status, flush_audit_log
from gui.ending import announce_end, is_ending
from gui.errors import guarded
from gui.status_words import count

FLUSH_S = 0.5
# Time for the farewell to reach this browser, and other tabs, whose panel looks each 0.5 s.
LAST_WORDS_S = 1.6

_LOOK_AGAIN_S = 0.5

_FAREWELL = "farewell"


def shut_down_button() -> None:
    """Draw the button that ends the program for everybody who uses it."""
    st.button(
        "Shut down", icon=":material/power_settings_new:", key="shut_down", width="stretch", on_click=_end_session
    )


def show_farewell() -> None:
    """Once the button was pressed, here or in another tab: say goodbye and draw nothing else. Ends the process soon."""
    pressed_here = _FAREWELL in st.session_state
    if not pressed_here and not is_ending():
        return
    # On a phone the sidebar, where the button was, still covers the page.
    st.sidebar.subheader("Goodbye", anchor=False)
    st.sidebar.caption("The program has ended. You can close this tab.")
    st.navigation([st.Page(_draw, title="Goodbye", url_path="goodbye")], position="hidden").run()
    if pressed_here:
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
    st.session_state[_FAREWELL] = True
    flush_audit_log(FLUSH_S)


def _draw() -> None:
    st.title("Goodbye", icon=":material/waving_hand:", anchor=False)
    st.write("The program has ended. You can close this tab.")
    # Streamlit has no option that spares a page whose server has ended its dialog, which asks for the internet.
    st.caption("If a message about a lost connection comes up here, it means just that.")
    # What waits may reach the disk before the process ends.
    st.fragment(_say_what_is_on_disk, run_every=_LOOK_AGAIN_S if audit_status().pending else None)()


def _say_what_is_on_disk() -> None:
    status = audit_status()
    if status.pending:
        st.warning(
            f"{count(status.durable, 'event')} of the audit trail on disk; {count(status.pending, 'event')} still waiting. "
            "What no sidecar takes within the next seconds is lost with this process.",
            icon=":material/warning:",
        )
    else:
        st.success(
            f"All of the audit trail is on disk: {count(status.durable, 'event')}.", icon=":material/check_circle:"
        )
    st.caption("The log of this run")
    st.code(str(status.log_path), language=None, wrap_lines=True)
