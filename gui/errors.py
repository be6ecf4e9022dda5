"""What happens to an error nobody foresaw: the audit trail gets all of it, the user a calm sentence."""

import functools
from collections.abc import Callable
from typing import ParamSpec

import streamlit as st

from gui.audit import log_exception

CALM = "Something went wrong here, and it has been recorded. All the rest goes on working; please try again."
_TROUBLE = "trouble"


_P = ParamSpec("_P")


def guarded(where: str) -> Callable[[Callable[_P, None]], Callable[_P, None]]:
    """Decorate a callback: an error in it is recorded and shown by `show_trouble`, and the page still appears."""

    def decorate(callback: Callable[_P, None]) -> Callable[_P, None]:
        @functools.wraps(callback)
        def run(*args: _P.args, **kwargs: _P.kwargs) -> None:
            say_trouble("")
            try:
                callback(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 a callback that raises would take the whole page away
                log_exception(where, error)
                say_trouble(CALM)

        return run

    return decorate


def say_trouble(text: str) -> None:
    """Keep `text` for `show_trouble` until the next action."""
    st.session_state[_TROUBLE] = text


def show_trouble() -> None:
    """Show what the last action could not do."""
    if text := st.session_state.get(_TROUBLE):
        st.error(text, icon=":material/error:")


def on_script_error(error: Exception) -> bool:
    """Record what no page caught, and show the calm sentence in place of Streamlit's own box."""
    log_exception("Script", error)
    st.error(CALM, icon=":material/error:")
    return True
