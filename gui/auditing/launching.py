"""For launchers: an `st.App` that records every error nobody caught, and when browsers leave and come back."""

import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

from gui.auditing.connection import ConnectionWatch
from gui.ending import begin, finish
from gui.errors import mask_printed_errors, on_script_error
from gui.stopping import stop_in_order

Lifespan = Callable[[st.App], AbstractAsyncContextManager[None]]


class AuditedApp(st.App):
    """The app of `audited_app`."""

    def __init__(
        self, script: str | Path, lifespan: Lifespan, begun: threading.Event, middleware: Sequence[Middleware]
    ) -> None:
        super().__init__(
            script,
            lifespan=lifespan,
            middleware=[Middleware(ConnectionWatch), *middleware],
            on_script_error=on_script_error,
        )
        self._begun = begun

    def run(self, *, config: Mapping[str, Any] | None = None) -> None:
        """As `st.App.run`; Ctrl-C and SIGTERM end it without a traceback and with exit code 0, unless they are handled."""
        stop_in_order(self._begun)
        super().run(config=config)


def audited_app(
    script: str | Path, mode: str, on_begin: Callable[[], None] = lambda: None, middleware: Sequence[Middleware] = ()
) -> AuditedApp:
    """Return the app of the entry script `script`; `mode` is what "GUI started" says, `on_begin` is called before it.

    `middleware` is the app's own.

    Its first and its last event are those of the server, and the audit trail is flushed before the server ends.
    """
    begun = threading.Event()

    @asynccontextmanager
    async def lifespan(_app: st.App) -> AsyncIterator[None]:
        on_begin()
        begun.set()
        mask_printed_errors()
        begin(mode, st.__version__)
        try:
            yield
        finally:
            # Here and not in atexit alone: the sidecar waits for this while honcho counts the seconds.
            finish("shutdown")

    return AuditedApp(script, lifespan, begun, middleware)
