"""What COLLECTOR.md says works as it stands there, with the server's own address in place of the example's."""

import re
import shlex
from pathlib import Path

from nats.js import JetStreamContext

from sidecar.forward.target import CA, CREDENTIALS, PREFIX, STREAM, VARIABLE
from tests.fleet.collector import PAGE, Server
from tests.fleet.conftest import RealLogs
from tests.support.processes import Pair

COMMANDS = [
    shlex.split(line)[1:]
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("python")
]


def test_the_pages_commands_make_check_and_query_the_stream(
    pair: Pair, server: Server, real: RealLogs, tmp_path: Path
) -> None:
    hosts = tmp_path / "machines.txt"
    hosts.write_text("desk-1\n")
    address = {"collector.example:4222": f"127.0.0.1:{server.port}", "machines.txt": str(hosts)}
    init, verify, query = (
        [next((word.replace(old, new) for old, new in address.items() if old in word), word) for word in command]
        for command in COMMANDS
    )
    assert pair.run(*init)[0] == 0
    server.publish("desk-1", real.closed)
    code, out, err = pair.run(*verify)
    assert (code, err, out[-1]) == (0, [], "1 host, 1 intact")
    # Nothing of it is an error.
    assert pair.run(*query) == (1, [], [])
    assert pair.run(*query[:-2])[0] == 0


def test_the_stream_is_as_the_page_says(collector: Server) -> None:
    async def config(stream: JetStreamContext) -> dict[str, object]:
        return (await stream.stream_info("AUDIT")).config.as_dict()

    found = collector.do("collector", config)
    assert {name: found[name] for name in ("subjects", "retention", "storage", "compression", "discard", "num_replicas")} == {
        "subjects": ["audit.*.*"], "retention": "limits", "storage": "file", "compression": "s2", "discard": "new",
        "num_replicas": 1,
    }  # fmt: skip
    assert (found["max_age"], found["duplicate_window"]) == (400 * 86_400 * 10**9, 600 * 10**9)
    switched_on = {name for name, value in found.items() if value is True}
    assert switched_on == {"deny_delete", "deny_purge", "allow_direct"}


def test_the_page_names_every_setting() -> None:
    for name in (VARIABLE, STREAM, PREFIX, CREDENTIALS, CA):
        assert f"| `{name}` |" in PAGE
