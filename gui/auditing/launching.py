"""For launchers: an `st.App` that records every error nobody caught, and when browsers leave and come back."""

import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from gui.auditing.connection import ConnectionWatch
from gui.ending import begin, finish
from gui.errors import mask_printed_errors, on_script_error


def audited_app(script: str | Path, mode: str, on_begin: Callable[[], None] = lambda: None) -> st.App:
    """Return the app of the entry script `script`; `mode` is what "GUI started" says, `on_begin` is called before it.

    Its first and its last event are those of the server, and the audit trail is flushed before the server ends.
    """

    @contextlib.asynccontextmanager
    async def lifespan(_app: st.App) -> AsyncIterator[None]:
        on_begin()
        mask_printed_errors()
        begin(mode, st.__version__)
        try:
            yield
        finally:
            # Here and not in atexit alone: the sidecar waits for this while honcho counts the seconds.
            finish("shutdown")

    return st.App(script, lifespan=lifespan, middleware=[Middleware(ConnectionWatch)], on_script_error=on_script_error)
