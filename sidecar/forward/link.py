"""One connection to a NATS server, and what is asked of JetStream over it. Only this and `client` import the network library.

It never connects again by itself: what was in flight on a broken connection is unknown, and the stream has to be asked.
"""

import asyncio
import contextlib
import os
import ssl
from collections.abc import Sequence
from itertools import count
from typing import Any, Self, TypeVar

import msgspec
from nats import errors
from nats.aio.msg import Msg
from nkeys import NkeysError

from sidecar.forward.api import UNDECODABLE, Api, ServerError
from sidecar.forward.client import SafeClient, encryption
from sidecar.forward.lane import MESSAGE_ID, Answer, Message, Refused, Stored, Unanswered
from sidecar.forward.resume import Held
from sidecar.forward.subject import parse_message_id
from sidecar.forward.target import CA, CERTIFICATE, CREDENTIALS, KEY, STREAM, Target

CONNECT_S, ANSWER_S, CLOSE_S = 5, 10.0, 2.0
# A peer that is gone without a word is noticed after three of them.
PING_S = 10
_NO_RESPONDERS = "503"
_MOST_REASON = 300


class LinkError(Exception):
    """The server cannot be used now; says why, for the person who can mend it."""


class _Acknowledged(msgspec.Struct):
    seq: int = 0
    duplicate: bool = False
    error: ServerError | None = None


class _Names(msgspec.Struct):
    streams: list[str] | None = None
    error: ServerError | None = None


class _State(msgspec.Struct):
    last_seq: int = 0


class _Info(msgspec.Struct):
    created: str = ""
    state: _State = msgspec.field(default_factory=_State)
    error: ServerError | None = None


_decode_acknowledged = msgspec.json.Decoder(_Acknowledged).decode
T = TypeVar("T")


class Link:
    """Made by `connect`. `stream`, which was made at `created`, takes our subjects; its last sequence number was `last_seq`."""

    def __init__(self, client: SafeClient) -> None:
        self.created, self.last_seq = "", 0
        self.complaint = ""
        self._client = client
        self._inbox = client.new_inbox()
        self._api = Api(self._request_body)
        self._numbers = count(1)
        self._bursts: dict[int, _Burst] = {}
        # One burst leaves as a whole: another one's messages in the middle of it would only make the stream refuse the rest.
        self._sending = asyncio.Lock()
        self._broken = asyncio.Event()

    @classmethod
    async def connect(cls, target: Target, url: str) -> Self:
        """Connect to the server at `url` and find the stream. Raises LinkError."""
        try:
            context = encryption(target, url)
        except OSError as error:
            # Of a file with a CA, a certificate or a key: it is not there, or holds something else.
            raise LinkError(f"{CA}, {CERTIFICATE} or {KEY} cannot be used: {error}") from error
        link = cls(SafeClient())
        try:
            await link._open(target, url, context)
            await link._find_stream(target)
        except BaseException:
            await link.close()
            raise
        return link

    @property
    def stream(self) -> str:
        """Its name."""
        return self._api.stream

    @property
    def max_payload(self) -> int:
        """The longest message that the server takes, in bytes, its headers included."""
        return int(self._client.max_payload)

    async def wait_broken(self) -> str:
        """Wait until the connection is of no more use; says why."""
        await self._broken.wait()
        return self.complaint or "the connection broke"

    async def look_again(self) -> None:
        """Find out how far the stream is. Raises LinkError, also when it was made anew since the last look."""
        info = await self._ask(f"STREAM.INFO.{self.stream}", {}, _Info)
        if info.error is not None:
            raise LinkError(f"{_described(info.error)}: {self.stream}, see {STREAM}")
        if self.created not in {"", info.created}:
            raise LinkError(f"the stream {self.stream} was made anew")
        self.created, self.last_seq = info.created, info.state.last_seq

    async def last(self, subject: str) -> Held | None:
        """The last line that the stream holds under `subject`. Raises LinkError."""
        # By its subject, which a server's permissions can name: MSG.GET would let every machine read all others' lines.
        got = await self._request(f"$JS.API.DIRECT.GET.{self.stream}.{subject}", b"")
        headers = got.headers or {}
        if headers.get("Status") == "404":
            return None
        if not headers.get("Nats-Sequence", "").isdecimal():
            raise LinkError(f"the stream {self.stream} does not give out its messages directly: set allow_direct")
        found = parse_message_id(headers.get(MESSAGE_ID, ""))
        if found is None or not subject.endswith(f".{found.host}.{found.run}"):
            raise LinkError(
                f"the stream {self.stream} holds a message under {subject} that is no line of a log: remove it"
            )
        return Held(found.part, found.line, int(headers["Nats-Sequence"]), got.data)

    async def publish(self, subject: str, messages: Sequence[Message]) -> list[Answer]:
        """Send a burst, and wait for the answers to it, at most ANSWER_S. Raises LinkError when the connection is broken."""
        number = next(self._numbers)
        burst = self._bursts[number] = _Burst(len(messages))
        try:
            async with self._sending:
                for index, message in enumerate(messages):
                    reply = f"{self._inbox}.{number}.{index}"
                    await self._client.publish(subject, message.body, reply, message.headers)
            await self._until(burst.done, ANSWER_S)
        except (errors.Error, OSError) as error:
            raise LinkError(self._why(error)) from error
        finally:
            del self._bursts[number]
        late = Unanswered(self.complaint or f"no answer from the stream for {ANSWER_S:.0f} s")
        return [each or late for each in burst.answers]

    async def close(self) -> None:
        """Let go of the connection; what was not answered is unknown."""
        # Whatever the peer does, and however often it was closed before.
        with contextlib.suppress(errors.Error, OSError, TimeoutError):
            await asyncio.wait_for(self._client.close(), CLOSE_S)

    async def _open(self, target: Target, url: str, context: ssl.SSLContext | None) -> None:
        failed: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()

        async def complain(error: Exception) -> None:
            self.complaint = self._why(error)
            # Until it is connected nats-py would go on trying, in silence.
            if not failed.done():
                failed.set_result(error)

        async def end() -> None:
            self._broken.set()

        async def take(message: Msg) -> None:
            self._take(message)

        options: dict[str, Any] = {"tls": context} if context else {}
        if target.credentials:
            options["user_credentials"] = target.credentials
        self._client.must_be_encrypted, self._client.has_certificate = context is not None, bool(target.certificate)
        connecting = asyncio.ensure_future(
            self._client.connect(
                url, name=f"datatools-audit on {target.host}", allow_reconnect=False, connect_timeout=CONNECT_S,
                ping_interval=PING_S, flush_timeout=ANSWER_S, error_cb=complain, disconnected_cb=end, closed_cb=end, **options,
            )
        )  # fmt: skip
        try:
            waited: set[asyncio.Future[Any]] = {connecting, failed}
            await asyncio.wait(waited, timeout=2 * CONNECT_S, return_when=asyncio.FIRST_COMPLETED)
            if not connecting.done():
                raise LinkError(self._why(failed.result()) if failed.done() else "the server does not answer")
            await connecting
            await self._client.subscribe(f"{self._inbox}.>", cb=take)
        except (OSError, ValueError, errors.Error, ImportError) as error:
            raise LinkError(self._why(error, target)) from error
        except NkeysError as error:
            raise LinkError(f"{target.credentials} holds no credentials; see {CREDENTIALS}") from error
        finally:
            connecting.cancel()
            await asyncio.gather(connecting, return_exceptions=True)
        self.complaint = ""

    async def _find_stream(self, target: Target) -> None:
        subject = target.subject("*")
        self._api.stream = target.stream
        if not self.stream:
            names = await self._ask("STREAM.NAMES", {"subject": subject}, _Names)
            if names.error is not None:
                raise LinkError(f"{_described(names.error)}: name the stream by {STREAM}")
            if not names.streams:
                raise LinkError(f"no stream takes {subject}: make one")
            self._api.stream = names.streams[0]
        await self.look_again()

    async def _ask(self, question: str, body: dict[str, str], answer: type[T]) -> T:
        got = await self._api.ask(question, body)
        try:
            return msgspec.json.decode(got, type=answer)
        except UNDECODABLE as error:
            raise LinkError("the server answers what cannot be read") from error

    async def _request_body(self, subject: str, body: bytes) -> bytes:
        return (await self._request(subject, body)).data

    async def _request(self, subject: str, body: bytes) -> Msg:
        reply: asyncio.Future[Msg] = asyncio.ensure_future(self._client.request(subject, body, timeout=ANSWER_S))
        try:
            await self._until(reply, ANSWER_S + 1)
            return reply.result()
        except errors.NoRespondersError as error:
            raise LinkError("the server has no JetStream, or its stream has no leader now") from error
        except (errors.Error, asyncio.InvalidStateError) as error:
            raise LinkError(self.complaint or "the server does not answer questions about the stream") from error
        finally:
            reply.cancel()
            await asyncio.gather(reply, return_exceptions=True)

    async def _until(self, done: "asyncio.Future[Any]", timeout_s: float) -> None:
        """Wait for it, but not longer than the connection holds."""
        broken = asyncio.ensure_future(self._broken.wait())
        try:
            await asyncio.wait({done, broken}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
            if broken.done() and not done.done():
                raise LinkError(self.complaint or "the connection broke")
        finally:
            broken.cancel()

    def _take(self, message: Msg) -> None:
        try:
            number, index = map(int, message.subject.rsplit(".", 2)[1:])
            self._bursts[number].take(index, _answer(message))
        except (KeyError, IndexError, ValueError):
            # Too late for its burst, or nothing that we asked for.
            return

    def _why(self, error: Exception, target: Target | None = None) -> str:
        text = str(error).removeprefix("nats: ").strip().strip("'")
        if isinstance(error, errors.AuthorizationError) or "authorization violation" in text.lower():
            return "the server refused the credentials"
        if isinstance(error, errors.SecureConnWantedError):
            return "the server offers no TLS"
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"the server's certificate is not trusted ({error.verify_message}); see {CA}"
        if isinstance(error, FileNotFoundError) and target is not None and error.filename:
            return f"there is no file {error.filename}; see {CREDENTIALS}"
        if isinstance(error, TimeoutError):
            return "the server does not answer"
        if isinstance(error, ConnectionError) and error.errno:
            # asyncio's own words hold the address, which is said already.
            return os.strerror(error.errno)
        if isinstance(error, OSError) and error.strerror:
            return error.strerror[:_MOST_REASON]
        return text[:_MOST_REASON] or type(error).__name__


class _Burst:
    """The answers to one burst; `done` when all are there, or none behind a refusal can be of use."""

    def __init__(self, size: int) -> None:
        self.answers: list[Answer | None] = [None] * size
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._missing = size

    def take(self, index: int, answer: Answer) -> None:
        if self.answers[index] is None:
            self.answers[index] = answer
            self._missing -= 1
            if not self._missing and not self.done.done():
                self.done.set_result(None)


def _answer(message: Msg) -> Answer:
    if not message.data and (message.headers or {}).get("Status") == _NO_RESPONDERS:
        return Refused(0, "no stream takes it, or the stream has no leader now")
    try:
        found = _decode_acknowledged(message.data)
    except UNDECODABLE:
        return Refused(0, "the server answers what cannot be read")
    if found.error is not None:
        return Refused(found.error.err_code, _described(found.error))
    if found.duplicate:
        # Not stored: what the lane demands held, so the line is not there, and the id is another one's, or of what was let go.
        return Refused(0, "the stream takes it for a duplicate of another line, until its deduplication window is over")
    return Stored(found.seq)


def _described(error: ServerError) -> str:
    return f"the server says: {error.description[:_MOST_REASON]}"
