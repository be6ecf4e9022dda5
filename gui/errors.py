"""What happens to an error nobody foresaw: the audit trail gets all of it, the user a calm sentence."""

import functools
import logging
from collections.abc import Callable
from contextvars import ContextVar
from time import perf_counter
from typing import ParamSpec, TypeVar

import streamlit as st

from gui.audit import current_session, log_exception
from gui.audit.masking import mask_text
from gui.progress import milliseconds

CALM = "Something went wrong here, and it has been recorded. All the rest goes on working; please try again."
_TROUBLE = "trouble"

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")

_guarded: ContextVar[bool] = ContextVar("_guarded", default=False)
_drawing: ContextVar[bool] = ContextVar("_drawing", default=False)


def guarded(where: str) -> Callable[[Callable[_Parameters, _Result]], Callable[_Parameters, _Result | None]]:
    """Decorate a callback: an error in it is recorded and said calmly, and the page still appears.

    Within another one, and where there is no page (in a thread, say), the error is recorded and goes on its way: what
    called it must not take it for done.
    """

    def decorate(callback: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result | None]:
        @functools.wraps(callback)
        def run(*args: _Parameters.args, **kwargs: _Parameters.kwargs) -> _Result | None:
            saves_page = bool(current_session()) and not _guarded.get()
            if saves_page:
                say_trouble("")
            before = _guarded.set(True)
            start = perf_counter()
            try:
                return callback(*args, **kwargs)
            except Exception as error:
                log_exception(where, error, outcome="error", duration_ms=milliseconds(start))
                if not saves_page:
                    raise
                _say_calmly()
            finally:
                _guarded.reset(before)
            return None

        return run

    return decorate


def note_drawing(*, begins: bool) -> None:
    """While a page is drawn, an error is said where it happened."""
    _drawing.set(begins)


def say_trouble(text: str) -> None:
    """Keep `text` for `show_trouble` until the next action."""
    st.session_state[_TROUBLE] = text


def add_trouble(text: str) -> None:
    """Keep `text`, too, for `show_trouble`, unless it is there."""
    said = st.session_state.get(_TROUBLE) or ""
    if text not in said:
        say_trouble("\n\n".join(filter(None, (said, text))))


def show_trouble() -> None:
    """Show what the last action could not do."""
    if text := st.session_state.get(_TROUBLE):
        st.error(text, icon=":material/error:")


def on_script_error(error: Exception) -> bool:
    """Record what no page caught, and show the calm sentence in place of Streamlit's own box."""
    log_exception("Script", error)
    st.error(CALM, icon=":material/error:")
    return True


def mask_printed_errors() -> None:
    """Streamlit prints each error that no page caught to the terminal: without the secrets in its text."""
    logging.getLogger("streamlit.error_util").addFilter(_mask_record)


def _say_calmly() -> None:
    if _drawing.get():
        st.error(CALM, icon=":material/error:")
        return
    say_trouble(CALM)
    # The callback of a widget in a fragment has only that drawn anew, but the sentence stands above the page.
    st.rerun()


def _mask_record(record: logging.LogRecord) -> bool:
    if record.exc_info:
        # What a formatter takes rather than format it again.
        record.exc_text = mask_text(logging.Formatter().formatException(record.exc_info))
    return True
