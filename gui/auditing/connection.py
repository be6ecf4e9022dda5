"""When a browser's connection ends and comes back: a small layer below Streamlit, which has no hook for it.

- A connection is known by a header that is added here and that the script reads again: it belongs to that session.
- A browser that comes back names its session itself; one that reloads the page is a new session.
- It runs in the server's event loop: it waits for nothing but the connection.
"""

import itertools
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeVar

import streamlit as st

from gui.audit import current_session, log_for_session, short_session
from gui.ending import is_ending

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Value = TypeVar("Value")

HEADER = "x-datatools-connection"
# Of connections and of browsers that left; the oldest is forgotten.
MAX_REMEMBERED = 10_000
# The server ends it: it is about to stop.
SERVICE_RESTART = 1012

_numbers = itertools.count(1)
_sessions: dict[str, str] = {}
_left_at: dict[str, float] = {}


def note_connection() -> None:
    """Remember whose connection the running script serves. Where nothing watches connections, nothing happens."""
    if connection := st.context.headers.get(HEADER):
        _remember(_sessions, connection, current_session())


class ConnectionWatch:
    """ASGI middleware: records "Browser disconnected" and "Browser returned", each with how long."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, and look at the first and the last message of a WebSocket."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        connection, begun = str(next(_numbers)), time.monotonic()
        others = [(name, value) for name, value in scope["headers"] if name.lower() != HEADER.encode()]
        scope = {**scope, "headers": [*others, (HEADER.encode(), connection.encode())]}
        if session := _session_named(dict(others)):
            _remember(_sessions, connection, session)
            _say_returned(session)

        async def receive_and_look() -> Message:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                _say_disconnected(connection, message.get("code"), time.monotonic() - begun)
            return message

        await self._app(scope, receive_and_look, send)


def _session_named(headers: dict[bytes, bytes]) -> str:
    """The session that a browser wants to go on with: the third of what it sends as its protocols."""
    _, *rest = headers.get(b"sec-websocket-protocol", b"").decode("latin-1").split(",")
    name = rest[1].strip() if len(rest) > 1 else ""
    return short_session(name) if name else ""


def _say_returned(session: str) -> None:
    left_at = _left_at.pop(session, None)
    if left_at is not None:
        log_for_session(session, "session", "Browser returned", away_s=round(time.monotonic() - left_at, 1))


def _say_disconnected(connection: str, code: int | None, connected_s: float) -> None:
    session = _sessions.pop(connection, "")
    # At the end of the program it is not the browser that leaves.
    if session and code != SERVICE_RESTART and not is_ending():
        _remember(_left_at, session, time.monotonic())
        log_for_session(session, "session", "Browser disconnected", connected_s=round(connected_s, 1), code=code)


def _remember(where: dict[str, Value], key: str, value: Value) -> None:
    where[key] = value
    if len(where) > MAX_REMEMBERED:
        where.pop(next(iter(where)), None)
