"""How many lines the stream holds makes no difference to the memory that checking or querying them takes."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fleet.collector import Server, connected
from tests.query.test_memory import MEASURED, MIB
from tests.support.waiting import ROOT
from tests.verify.logs import RUN, events, opening, sealed

LINES = 60_000

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux says what a process takes"),
]


def measured(server: Server, *arguments: str) -> tuple[int, list[str]]:
    command = [sys.executable, "-c", MEASURED, "fleet", *arguments, "--server", server.url("reader")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=240)
    return int(done.stderr.splitlines()[-1]) * 1024, done.stdout.splitlines()


def fill(server: Server, first: int, bodies: list[bytes]) -> None:
    """The lines from the `first` on, many of them on their way at once."""

    def rows() -> Iterator[tuple[int, bytes]]:
        yield from enumerate(bodies[first - 1 :], first)

    async def publish() -> None:
        async with connected(server.url("desk-1")) as client:
            stream = client.jetstream(timeout=60, publish_async_max_pending=2_000)
            for number, body in rows():
                await stream.publish_async(
                    f"audit.desk-1.{RUN}", body, headers={"Nats-Msg-Id": f"desk-1.{RUN}.1.{number}"}, wait_stall=60
                )
            await stream.publish_async_completed()

    asyncio.run(publish())


def test_sixty_thousand_lines_are_checked_and_queried_in_bounded_memory(collector: Server) -> None:
    bodies = sealed([opening(), *events(1, LINES - 1)])
    fill(collector, 1, bodies[:3_000])
    little = {command: measured(collector, *command.split())[0] for command in ("verify", "query --limit 10")}
    fill(collector, 3_001, bodies)
    for command, before in little.items():
        much, out = measured(collector, *command.split())
        assert any(f"{LINES - 1:,}" in line or str(LINES - 1) in line for line in out), out
        assert much - before < 8 * MIB, command
