"""JetStream's API: under which subject it is to be asked, and how it says no. Pure but for the asking, which is handed in.

In the stream's own account that is `$JS.API`. To a machine, whose account has no JetStream, the server itself answers there, before
any import: to such an account the stream's API is imported as `$JS.<stream>.API` (`sidecar/fleet/COLLECTOR.md`).
"""

from collections.abc import Awaitable, Callable, Mapping

import msgspec

API, NO_JETSTREAM = "$JS.API", 10039
# What a decoder raises for an answer that is none.
UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class ServerError(msgspec.Struct, frozen=True):
    """Why the server refuses; `err_code` is JetStream's number for it (server/errors.json of nats-server)."""

    code: int = 0
    err_code: int = 0
    description: str = ""


class _Refusal(msgspec.Struct, frozen=True):
    error: ServerError | None = None


class Api:
    """`request` sends a body to a subject and returns the answer's. `stream` may be empty while it is not known."""

    def __init__(self, request: Callable[[str, bytes], Awaitable[bytes]], stream: str = "") -> None:
        self.stream = stream
        self._request = request
        self._base = API

    async def ask(self, question: str, body: Mapping[str, object]) -> bytes:
        """The answer to `STREAM.INFO.AUDIT`, say. Raises what `request` raises."""
        encoded = msgspec.json.encode(body)
        answer = await self._request(f"{self._base}.{question}", encoded)
        if self._base == API and self.stream and _has_no_jetstream(answer):
            self._base = f"$JS.{self.stream}.API"
            answer = await self._request(f"{self._base}.{question}", encoded)
        return answer


def _has_no_jetstream(answer: bytes) -> bool:
    try:
        error = msgspec.json.decode(answer, type=_Refusal).error
    except UNDECODABLE:
        # Who asked says so.
        return False
    return error is not None and error.err_code == NO_JETSTREAM
