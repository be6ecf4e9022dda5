"""The stream on its server: the only module here that speaks NATS. Blocking calls over nats-py's own event loop.

- Reads by batched direct gets (ADR-31): no consumer, nothing on the server changes by being read, and a reader's
  permissions are two subjects.
- Everything that fails is a CollectorError, worded for who runs the command.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, Self, TypeVar

import msgspec
from nats.aio.msg import Msg
from nats.errors import Error, NoRespondersError, SecureConnWantedError
from nats.js.api import DiscardPolicy, StorageType, StoreCompression, StreamConfig
from nkeys import NkeysError

from sidecar.fleet.errors import CollectorError
from sidecar.fleet.message import Message, log_time
from sidecar.fleet.state import StreamState, read_state, read_subjects
from sidecar.forward.api import API, UNDECODABLE, Api
from sidecar.forward.client import CertificateWantedError, SafeClient, encryption
from sidecar.forward.target import CA, CERTIFICATE, CREDENTIALS, KEY, Target

T = TypeVar("T")

CONNECT_S, ANSWER_S = 5, 20.0
# Together about a MiB, whatever the lines are like; many runs are open at once when they are merged.
BATCH, BATCH_BYTES = 500, 1024 * 1024
_NOT_FOUND, _WRONG_CONFIGURATION = 10059, 10058
# Second copies of a line are dropped by the server for so long; what comes later `fleet verify` notes.
DUPLICATE_WINDOW_S = 600
# As long as a line of a log can be.
MESSAGE_BYTES = 1024 * 1024
DAY_S = 86_400
# More than so many deleted messages are only counted.
DELETED_LISTED = 100_000


class Stream:
    """A connection, opened by `with`. Its methods raise CollectorError."""

    def __init__(self, collector: Target) -> None:
        self.collector = collector
        self._refusals: list[str] = []
        self._api = Api(self._ask, collector.stream)

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._denied: asyncio.Future[None] = self._loop.create_future()
        self._client = SafeClient()
        try:
            self._run(self._connect(self._client))
            self._inbox = self._client.new_inbox()
            self._asked, self._reply = 0, ""
            self._received: list[Msg] = []
            self._ended: asyncio.Future[dict[str, str]] = self._loop.create_future()
            self._run(self._client.subscribe(f"{self._inbox}.*", cb=self._take))
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def state(self) -> StreamState:
        """What the server says of the stream."""
        state = self._info({})
        # Which of them, the server says on request; of very many, nobody reads more than how many.
        return self._info({"deleted_details": True}) if 0 < state.deleted <= DELETED_LISTED else state

    def read(self, subject: str, *, first: int = 1, last: int, since: str = "") -> Iterator[Message]:
        """The messages of `subject` (with wildcards) from sequence `first` to `last`; with `since`, stored from then on."""
        sequence = first
        while sequence <= last:
            start: dict[str, object] = {"start_time": since} if since and sequence == first else {"seq": sequence}
            batch = self._run(self._batch({"batch": BATCH, "max_bytes": BATCH_BYTES, "next_by_subj": subject, **start}))
            for message in batch:
                if message.sequence > last:
                    return
                if message.sequence < sequence:
                    raise self._nonsense()
                yield message
                sequence = message.sequence + 1
            if not batch:
                return

    def subjects(self) -> list[str]:
        """All subjects that there are messages of."""
        found: list[str] = []
        while True:
            answer = self._info_answer({"subjects_filter": ">", "offset": len(found)})
            page, total = self._decoded(read_subjects, answer)
            found += page
            if not page or len(found) >= total:
                return found

    def create(self, *, replicas: int, days: int, gigabytes: int) -> None:
        """Make the stream, or find it there as asked for."""
        wanted = StreamConfig(
            name=self.collector.stream,
            subjects=[f"{self.collector.prefix}.*.*"],
            storage=StorageType.FILE,
            compression=StoreCompression.S2,
            num_replicas=replicas,
            max_age=days * DAY_S,
            max_bytes=gigabytes * 1_000_000_000 or -1,
            max_msg_size=MESSAGE_BYTES,
            # When it is full, new lines wait on their machines; the old ones cannot be pushed out by a flood.
            discard=DiscardPolicy.NEW,
            duplicate_window=DUPLICATE_WINDOW_S,
            deny_delete=True,
            deny_purge=True,
            allow_direct=True,
        )
        self._state_in(self._run(self._api.ask(f"STREAM.CREATE.{self.collector.stream}", wanted.as_dict())))

    # The protocol.

    def _close(self) -> None:
        # Whatever the server does: what was asked is answered by now, or will not be.
        with contextlib.suppress(Error, OSError, TimeoutError):
            if self._client.is_connected:
                self._loop.run_until_complete(self._client.close())
        self._loop.close()

    async def _connect(self, client: SafeClient) -> None:
        collector = self.collector
        options: dict[str, Any] = {}
        if collector.credentials:
            options["user_credentials"] = _credentials(collector.credentials)
        for path, name in ((collector.ca, CA), (collector.certificate, CERTIFICATE), (collector.key, KEY)):
            if path:
                _readable(path, name)
        try:
            contexts = [encryption(collector, url) for url in collector.urls]
        except ssl.SSLError as error:
            files = " or ".join(filter(None, (collector.ca, collector.certificate, collector.key)))
            raise CollectorError(
                f"{files} holds no certificate or key. Set {CA}, {CERTIFICATE} and {KEY} to files in PEM form."
            ) from error
        client.has_certificate = bool(collector.certificate)
        if context := next(filter(None, contexts), None):
            client.must_be_encrypted, options["tls"] = True, context
        try:
            await client.connect(
                list(collector.urls),
                name="datatools-audit fleet",
                connect_timeout=CONNECT_S,
                # Two attempts: who runs a command waits for its answer.
                allow_reconnect=False,
                max_reconnect_attempts=1,
                reconnect_time_wait=0,
                error_cb=self._note,
                **options,
            )
        except SecureConnWantedError as error:
            raise CollectorError(
                f"The server at {collector.name} offers no TLS, and nothing was told to it. Does it need tls:// or {CA}?"
            ) from error
        except CertificateWantedError as error:
            raise CollectorError(
                f"The server at {collector.name} takes only who has a certificate. Set {CERTIFICATE} and {KEY} to yours."
            ) from error
        except ssl.SSLError as error:
            # A certificate that cannot be verified is a ValueError, too.
            raise self._explained(error) from error
        except (ValueError, NkeysError) as error:
            # What nkeys makes of keys that are none, and nats-py of an address.
            raise CollectorError(f"The credentials or the address cannot be used: {error}.") from error

    async def _note(self, error: Exception) -> None:
        self._refusals.append(str(error))
        if "permissions violation" in str(error).lower() and not self._denied.done():
            self._denied.set_result(None)

    def _explained(self, error: Exception) -> CollectorError:
        # What happened first says why; at the end it is that no server is left.
        first = self._refusals[0] if self._refusals else str(error) or type(error).__name__
        said = " ".join([*self._refusals, str(error)]).lower()
        name = self.collector.name
        if "authorization" in said or "authentication" in said or "nkeys" in said:
            whose = f" in {self.collector.credentials}" if self.collector.credentials else ""
            return CollectorError(
                f"The server at {name} refused the credentials{whose}. Set {CREDENTIALS} to the file that its administrator gave "
                "you, or put user and password into the address."
            )
        if "permissions violation" in said:
            return CollectorError(
                f"These credentials may not do this on {name}: {first}. "
                "See sidecar/fleet/COLLECTOR.md for what a reader needs."
            )
        if "certificate" in said:
            return CollectorError(
                f"The server at {name} does not prove who it is: {first}. Set {CA} to its certificate authority, and use the "
                "name that its certificate has."
            )
        return CollectorError(
            f"No NATS server answers at {name} ({first}). Is it running, is the address right, "
            "and does a firewall let you through?"
        )

    def _info_answer(self, request: dict[str, object]) -> bytes:
        return self._run(self._api.ask(f"STREAM.INFO.{self.collector.stream}", request))

    def _info(self, request: dict[str, object]) -> StreamState:
        return self._state_in(self._info_answer(request))

    def _state_in(self, answer: bytes) -> StreamState:
        state, error = self._decoded(read_state, answer)
        if state is None:
            raise self._refused(error.err_code, error.description)
        return state

    def _decoded(self, decode: Callable[[bytes], T], answer: bytes) -> T:
        try:
            return decode(answer)
        except UNDECODABLE as error:
            raise self._nonsense() from error

    def _nonsense(self) -> CollectorError:
        return CollectorError(
            f"What answers at {self.collector.name} does not answer as a NATS server with JetStream does. Is the address right?"
        )

    async def _ask(self, subject: str, body: bytes) -> bytes:
        try:
            return (await self._client.request(subject, body, timeout=ANSWER_S)).data
        except NoRespondersError as error:
            raise CollectorError(
                f"The server at {self.collector.name} has no JetStream, or no way to it for these credentials. See "
                "sidecar/fleet/COLLECTOR.md for its configuration."
            ) from error

    async def _batch(self, request: dict[str, object]) -> list[Message]:
        self._asked += 1
        self._reply = f"{self._inbox}.{self._asked}"
        self._received, self._ended = [], self._loop.create_future()
        body = msgspec.json.encode(request)
        await self._client.publish(f"{API}.DIRECT.GET.{self.collector.stream}", body, reply=self._reply)
        async with asyncio.timeout(ANSWER_S):
            headers = await self._ended
        match headers.get("Status"):
            case "204" | "404":
                try:
                    return [_message_of(answer) for answer in self._received]
                except (KeyError, ValueError) as error:
                    raise self._nonsense() from error
            case "503":
                raise CollectorError(
                    f"The stream {self.collector.stream} does not give out its messages directly. Let its administrator "
                    "set allow_direct, as `python -m sidecar fleet init` does."
                )
            case status:
                description = next((text for name, text in headers.items() if "escription" in name), "")
                raise CollectorError(f"The server cannot read the stream: {status} {description}".rstrip())

    async def _take(self, answer: Msg) -> None:
        """A message of a batch, or its end. Taken by callback: to wait for each took most of the time."""
        if answer.subject != self._reply or self._ended.done():
            # Left over from a batch that was given up.
            return
        headers = answer.headers or {}
        if "Status" in headers:
            self._ended.set_result(headers)
        else:
            self._received.append(answer)

    def _refused(self, code: int, description: str) -> CollectorError:
        stream, name = self.collector.stream, self.collector.name
        if code == _NOT_FOUND:
            return CollectorError(
                f"There is no stream {stream} on {name}. Make it with `python -m sidecar fleet init`, or give its name by "
                "--stream."
            )
        if code == _WRONG_CONFIGURATION:
            return CollectorError(
                f"There is a stream {stream} on {name} already, with other settings. It was left as it is: give the same "
                "--days, --gigabytes, --replicas and --prefix as when it was made, or change it with the `nats` tool."
            )
        return CollectorError(f"The server at {name} refuses: {description} (error {code}).")

    def _run(self, call: Coroutine[Any, Any, T]) -> T:
        try:
            return self._loop.run_until_complete(self._unless_denied(call))
        except (Error, OSError, TimeoutError) as error:
            raise self._explained(error) from error

    async def _unless_denied(self, call: Coroutine[Any, Any, T]) -> T:
        """What is denied gets no answer, only a word beside it: not worth waiting out the time for."""
        task: asyncio.Future[Any] = asyncio.ensure_future(call)
        await asyncio.wait([task, self._denied], return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            task.cancel()
            raise Error(self._refusals[-1])
        answer: T = await task
        return answer


def _message_of(answer: Msg) -> Message:
    headers = answer.headers or {}
    return Message(
        int(headers["Nats-Sequence"]),
        log_time(headers["Nats-Time-Stamp"]),
        headers["Nats-Subject"],
        headers.get("Nats-Msg-Id", ""),
        answer.data,
    )


def _credentials(path: str) -> str:
    text = Path(_readable(path, CREDENTIALS)).read_bytes()
    if b"-BEGIN NATS USER JWT-" not in text or b"-BEGIN USER NKEY SEED-" not in text:
        raise CollectorError(f"{path} holds no credentials. Set {CREDENTIALS} to a .creds file, as `nsc` makes them.")
    return path


def _readable(path: str, name: str) -> str:
    try:
        with Path(path).open("rb"):
            return path
    except OSError as error:
        raise CollectorError(f"{path} cannot be read: {error.strerror}. Set {name} to a file that can.") from error
