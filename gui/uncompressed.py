"""Downloads go out as they are, from their first byte.

Streamlit would have each compressed as a whole first, at the highest level: tens of seconds for 200 MB in which the browser
shows nothing, between two programs that are mostly on one machine.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

_MEDIA = "/media/"


class Uncompressed:
    """ASGI middleware: whoever asks for a file takes it as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, as ASGI has it."""
        if scope["type"] == "http" and _MEDIA in scope["path"]:
            headers = [(name, value) for name, value in scope["headers"] if name.lower() != b"accept-encoding"]
            scope = {**scope, "headers": headers}
        await self._app(scope, receive, send)
