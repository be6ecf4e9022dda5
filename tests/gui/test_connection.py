"""Browsers that leave and come back, as the layer below Streamlit sees them."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from gui.auditing import connection
from gui.auditing.connection import HEADER, SERVICE_RESTART, ConnectionWatch

Message = MutableMapping[str, Any]
SESSION = "0badcafe-1234-4000-8000-000000000000"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(
        connection, "log_for_session", lambda session, _, message, **__: told.append((session, message))
    )
    monkeypatch.setattr(connection, "_sessions", {})
    monkeypatch.setattr(connection, "_left_at", {})
    return told


def connect(code: int, *headers: tuple[bytes, bytes], session: str = "") -> list[str]:
    """A WebSocket that is closed with `code`; where `session` is given, its script has said so. Returns what came as HEADER."""
    seen: list[str] = []

    async def app(scope: Message, receive: connection.Receive, _: connection.Send) -> None:
        seen.extend(value.decode() for name, value in scope["headers"] if name == HEADER.encode())
        if session:
            connection._remember(connection._sessions, seen[-1], session)
        await receive()

    async def receive() -> Message:
        return {"type": "websocket.disconnect", "code": code}

    async def send(_: Message) -> None: ...

    asyncio.run(ConnectionWatch(app)({"type": "websocket", "headers": [*headers]}, receive, send))
    return seen


def test_a_browser_that_leaves_and_names_its_session_when_it_comes_back_is_told(told: list[tuple[str, str]]) -> None:
    connect(1001, session="0badcafe")
    protocols = f"streamlit, PLACEHOLDER, {SESSION}".encode()
    connect(1001, (b"sec-websocket-protocol", protocols))
    assert told == [
        ("0badcafe", "Browser disconnected"), ("0badcafe", "Browser returned"), ("0badcafe", "Browser disconnected"),
    ]  # fmt: skip


def test_a_server_that_ends_is_no_browser_that_leaves(told: list[tuple[str, str]]) -> None:
    connect(SERVICE_RESTART, session="0badcafe")
    assert told == []


def test_a_browser_that_never_got_a_session_and_one_that_reloads_are_not_told(told: list[tuple[str, str]]) -> None:
    connect(1001)
    connect(1001, (b"sec-websocket-protocol", f"streamlit, PLACEHOLDER, {SESSION}".encode()))
    assert told == [("0badcafe", "Browser disconnected")]


def test_no_browser_can_say_which_connection_it_is() -> None:
    mine, others = connect(1001, (HEADER.upper().encode(), b"spoofed")), connect(1001, (HEADER.encode(), b"spoofed"))
    assert len(mine) == len(others) == 1
    assert mine != others
    assert "spoofed" not in {*mine, *others}
