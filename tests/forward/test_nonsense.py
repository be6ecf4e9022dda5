"""What is no NATS server, or answers as none would, is said in one line, by `fleet` and by the forwarder."""

import asyncio

import pytest

from sidecar.__main__ import main
from sidecar.forward.target import Target
from tests.forward.nats_server import needs_server
from tests.forward.nonsense import NONSENSE, Nonsense

pytestmark = needs_server

SUBJECT = "audit.desk-1.20261123T153000Z-a1b2c3d4"


@pytest.mark.parametrize("what", NONSENSE)
def test_a_server_that_answers_nonsense_is_said_in_one_line(what: str, capfd: pytest.CaptureFixture[str]) -> None:
    from sidecar.forward.link import Link, LinkError  # noqa: PLC0415 - there only where the library is

    for command in ("verify", "query", "init"):
        with Nonsense(*NONSENSE[what]) as server:
            code = main(["fleet", command, "--server", server.url])
            out, err = capfd.readouterr()
            assert (code, out, err.count("\n")) == (2, "", 1), (command, out, err)
            assert server.url in err

    async def ask(url: str) -> object:
        link = await Link.connect(Target((url,), stream="AUDIT", host="desk-1"), url)
        try:
            return await link.last(SUBJECT)
        finally:
            await link.close()

    with Nonsense(*NONSENSE[what]) as server, pytest.raises(LinkError):
        asyncio.run(ask(server.url))
    assert capfd.readouterr() == ("", "")
