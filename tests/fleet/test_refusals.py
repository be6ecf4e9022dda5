"""What is wrong between `fleet` and its server is said in one sentence, with what to do."""

import importlib.util
import socket
from contextlib import ExitStack
from pathlib import Path

import pytest
from nats.js import JetStreamContext
from nats.js.api import StreamConfig

from sidecar.__main__ import main
from tests.fleet.collector import PASSWORDS, Sent, Server
from tests.fleet.conftest import Command
from tests.support.processes import Pair
from tests.verify.logs import RUN


def said(pair: Pair, *arguments: str) -> str:
    code, out, err = pair.run("-m", "sidecar", "fleet", *arguments)
    assert (code, out, len(err)) == (2, [], 1), err
    return err[0]


def test_a_server_that_is_not_there(pair: Pair) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        # Taken, and nobody listens.
        url = f"nats://me:secret@127.0.0.1:{taken.getsockname()[1]}"
        text = said(pair, "verify", "--server", url)
    assert text.startswith("No NATS server answers at nats://127.0.0.1:")
    assert "is the address right" in text
    assert "secret" not in text


def test_credentials_that_are_refused(pair: Pair, server: Server) -> None:
    url = server.url("reader").replace(PASSWORDS["reader"], "wrong")
    text = said(pair, "query", "--server", url)
    assert "refused the credentials. Set DATATOOLS_AUDIT_FORWARD_CREDENTIALS" in text


def test_a_stream_that_is_not_there(pair: Pair, server: Server) -> None:
    text = said(pair, "verify", "--server", server.url("reader"))
    assert "There is no stream AUDIT on" in text
    assert "python -m sidecar fleet init" in text


def test_credentials_that_may_not_read(pair: Pair, collector: Server) -> None:
    collector.publish("desk-1", [Sent(RUN, 1, 1, b"{}")])
    text = said(pair, "verify", "--server", collector.url("desk-1"))
    assert "These credentials may not do this" in text
    assert "COLLECTOR.md" in text


def test_a_reader_may_not_make_the_stream(pair: Pair, server: Server) -> None:
    assert "These credentials may not do this" in said(pair, "init", "--server", server.url("reader"))


def test_a_stream_that_does_not_give_out_its_messages_directly(pair: Pair, server: Server) -> None:
    async def make(stream: JetStreamContext) -> None:
        await stream.add_stream(StreamConfig(name="AUDIT", subjects=["audit.*.*"], allow_direct=False))
        await stream.publish("audit.desk-1.x", b"")

    server.do("collector", make)
    assert "set allow_direct" in said(pair, "verify", "--server", server.url("collector"))


def test_a_server_without_jetstream(pair: Pair, tmp_path: Path) -> None:
    with ExitStack() as stack:
        plain = tmp_path / "plain"
        server = Server(plain, stack, f'listen: "127.0.0.1:-1"\nports_file_dir: "{plain}"\n')
        assert "has no JetStream" in said(pair, "verify", "--server", f"nats://127.0.0.1:{server.port}")


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("--credentials", "Set DATATOOLS_AUDIT_FORWARD_CREDENTIALS to a file"),
        ("--ca", "Set DATATOOLS_AUDIT_FORWARD_CA to"),
    ],
)
def test_a_file_that_is_not_there_or_is_something_else(
    pair: Pair, server: Server, tmp_path: Path, option: str, text: str
) -> None:
    assert text in said(pair, "verify", "--server", server.url("reader"), option, str(tmp_path / "none"))
    junk = tmp_path / "junk"
    junk.write_text("hello\n")
    url = f"nats://127.0.0.1:{server.port}"
    assert str(junk) in said(pair, "verify", "--server", url, option, str(junk))


def test_without_nats_py_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert main(["fleet", "verify", "--server", "nats://127.0.0.1:1"]) == 2
    assert capsys.readouterr().err == "nats-py is not installed here. Run: pip install 'datatools-audit[nats]'\n"


def test_a_stream_made_with_other_settings_is_left_as_it_is(fleet: Command, collector: Server) -> None:
    assert fleet("init", user="collector")[0] == 0
    code, out, err = fleet("init", "--days", "30", user="collector")
    assert (code, out) == (2, [])
    assert "already, with other settings" in err[0]

    async def age(stream: JetStreamContext) -> float:
        return (await stream.stream_info("AUDIT")).config.max_age or 0

    assert collector.do("collector", age) == 400 * 86_400
