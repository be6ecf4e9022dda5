"""A NATS server with the configuration of COLLECTOR.md, and a publisher that sends logs to it as a forwarder does."""

import asyncio
import contextlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple, TypeVar

import nats
from nats.aio.client import Client
from nats.js import JetStreamContext

import sidecar.fleet
from shared.naming import log_name, parse_log_name
from tests.support.waiting import until

T = TypeVar("T")

PAGE = Path(sidecar.fleet.__file__).with_name("COLLECTOR.md").read_text(encoding="utf-8")
SERVER = shutil.which("nats-server", path=str(Path(sys.executable).parent)) or shutil.which("nats-server")
PASSWORDS = dict(re.findall(r'user: "([\w-]+)", password: "([\w-]+)"', PAGE))


class Sent(NamedTuple):
    """A line, and where it stands."""

    run: str
    part: int
    line: int
    body: bytes

    def id(self, host: str = "desk-1") -> str:
        return f"{host}.{self.run}.{self.part}.{self.line}"


def configuration(directory: Path) -> str:
    """That of the page, on a free port and in a directory of its own."""
    block = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)[0]
    for name, value in (("0.0.0.0:4222", "127.0.0.1:-1"), ("/var/lib/nats", str(directory / "store"))):
        assert block.count(f'"{name}"') == 1
        block = block.replace(f'"{name}"', f'"{value}"')
    return f'{block}\nports_file_dir: "{directory}"\n'


class Server:
    """A running nats-server; `config` is the text of its configuration."""

    def __init__(self, directory: Path, stack: ExitStack, config: str = "") -> None:
        directory.mkdir(exist_ok=True)
        file = directory / "collector.conf"
        file.write_text(config or configuration(directory), encoding="utf-8")
        self.log = directory / "server.log"
        self.popen = subprocess.Popen([str(SERVER), "-c", str(file), "-l", str(self.log)], stderr=subprocess.PIPE)
        stack.callback(self.stop)
        until(lambda: any(directory.glob("*.ports")) or self.popen.poll() is not None, "the server's ports")
        assert self.popen.poll() is None, self.log.read_text(encoding="utf-8")
        until(lambda: self._ports(directory), "the server's ports, written")
        self.port = int(self._ports(directory)[0].rpartition(":")[2])

    def url(self, user: str) -> str:
        """The address for one of the page's users."""
        return f"nats://{user}:{PASSWORDS[user]}@127.0.0.1:{self.port}"

    def stop(self) -> None:
        self.popen.terminate()
        self.popen.wait(20)
        if self.popen.stderr:
            self.popen.stderr.close()

    def do(self, user: str, action: Callable[[JetStreamContext], Awaitable[T]]) -> T:
        """What `action` returns, done by one of the page's users."""

        async def act() -> T:
            async with connected(self.url(user)) as client:
                return await action(client.jetstream(timeout=10))

        return asyncio.run(act())

    def publish(self, user: str, lines: Iterable[Sent], host: str = "") -> None:
        """Send these lines as the forwarder of `user` does; each is acknowledged by the stream."""

        async def send(stream: JetStreamContext) -> None:
            for line in lines:
                headers = {"Nats-Msg-Id": line.id(host or user)}
                await stream.publish(f"audit.{host or user}.{line.run}", line.body, headers=headers)

        self.do(user, send)

    @staticmethod
    def _ports(directory: Path) -> list[str]:
        for file in directory.glob("*.ports"):
            with contextlib.suppress(json.JSONDecodeError):
                return list(json.loads(file.read_text(encoding="utf-8"))["nats"])
        return []


@contextlib.asynccontextmanager
async def connected(url: str) -> AsyncIterator[Client]:
    """A connection; what the server refuses is for who waits for the answer."""

    async def ignore(_: Exception) -> None:
        pass

    client = await nats.connect(url, error_cb=ignore, allow_reconnect=False)
    try:
        yield client
    finally:
        await client.close()


def lines_of(directory: Path, run: str) -> list[Sent]:
    """The lines of a run's log, all parts, as a forwarder reads them."""
    parts = sorted(
        part
        for path in directory.iterdir()
        if (named := parse_log_name(path.name)) and named[0] == run
        for part in [named[1]]
    )
    found: list[Sent] = []
    for part in parts:
        bodies = (directory / log_name(run, part)).read_bytes().split(b"\n")[:-1]
        found += [Sent(run, part, number, body) for number, body in enumerate(bodies, 1)]
    return found
