"""What somebody can do to the trail of a machine, its own or another's, and what becomes of it. The table of COLLECTOR.md."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import nats.aio.msg
import nats.errors
import pytest
from nats.js import JetStreamContext
from nats.js.api import StreamConfig

from shared.chain import head_of, seal
from tests.fleet.collector import PAGE, Sent, Server
from tests.fleet.conftest import Command, RealLogs

Act = Callable[[JetStreamContext], Awaitable[object]]


def held(server: Server, subject: str) -> int:
    """How many messages there are of a subject."""

    async def count(stream: JetStreamContext) -> int:
        answer = await stream._nc.request("$JS.API.STREAM.INFO.AUDIT", json.dumps({"subjects_filter": ">"}).encode())
        return int((json.loads(answer.data)["state"].get("subjects") or {}).get(subject, 0))

    return server.do("collector", count)


def rewritten(lines: Sequence[Sent], first: int) -> list[Sent]:
    """The lines from the `first` on with another text, chained anew: what who has the whole log can make of it."""
    head, found = head_of(lines[first - 2].body), []
    for line in lines[first - 1 :]:
        body = line.body.rpartition(b',"prev":"')[0].replace(b"event", b"nothing")
        sealed, head = seal(head, [body])
        found.append(line._replace(body=sealed[:-1]))
    return found


def damages(fleet: Command, *arguments: str) -> tuple[int, dict[str, list[str]], list[str]]:
    """Exit code, the kinds of damage by machine, and what is said of the stream."""
    code, out, err = fleet("verify", "--json", *arguments)
    assert err == []
    found = json.loads("\n".join(out))
    kinds = {
        host["host"]: [damage.split(": ")[1] for run in host["runs"] for damage in run["damages"]]
        for host in found["hosts"]
    }
    return code, kinds, found["stream"]["damages"]


def unprotected(server: Server, **settings: Any) -> None:  # noqa: ANN401 - a stream's settings
    """A stream whose messages can be deleted, as `init` does not make it."""

    async def make(stream: JetStreamContext) -> None:
        await stream.add_stream(StreamConfig(name="AUDIT", subjects=["audit.*.*"], allow_direct=True, **settings))

    server.do("collector", make)


# A stolen machine.


def test_it_publishes_its_own_and_finds_its_last_line(collector: Server, real: RealLogs) -> None:
    collector.publish("desk-1", real.closed)

    async def last(stream: JetStreamContext) -> bytes:
        answer = await stream._nc.request(f"$JS.API.DIRECT.GET.AUDIT.audit.desk-1.{real.closed[0].run}", b"")
        return answer.data

    assert collector.do("desk-1", last) == real.closed[-1].body


async def _roll_up(stream: JetStreamContext) -> None:
    await stream.publish("audit.desk-1.x", b"", headers={"Nats-Rollup": "sub"}, timeout=2)


async def _live_short(stream: JetStreamContext) -> None:
    await stream.publish("audit.desk-1.x", b"", headers={"Nats-TTL": "1s"}, timeout=2)


REFUSED: dict[str, Act] = {
    "publishes another's": lambda stream: stream.publish("audit.desk-2.x", b"{}", timeout=2),
    "publishes to all": lambda stream: stream.publish("audit.x", b"{}", timeout=2),
    "deletes a message": lambda stream: stream.delete_msg("AUDIT", 1),
    "purges": lambda stream: stream.purge_stream("AUDIT"),
    "deletes the stream": lambda stream: stream.delete_stream("AUDIT"),
    "changes the stream": lambda stream: stream.update_stream(
        StreamConfig(name="AUDIT", subjects=["audit.*.*"], max_age=1)
    ),
    "reads another's": lambda stream: stream.get_msg("AUDIT", 1),
    "reads another's last": lambda stream: stream._nc.request(
        "$JS.API.DIRECT.GET.AUDIT.audit.desk-2.x", b"", timeout=1
    ),
    "reads directly": lambda stream: stream._nc.request("$JS.API.DIRECT.GET.AUDIT", b'{"seq":1}', timeout=2),
    "listens": lambda stream: stream.subscribe("audit.desk-2.x", stream="AUDIT"),
    "rolls up": _roll_up,
    "lets a line die": _live_short,
}


@pytest.mark.parametrize("user", ["desk-1", "reader"])
def test_neither_it_nor_a_reader_can_write_read_or_delete_what_is_anothers(
    collector: Server, real: RealLogs, user: str
) -> None:
    collector.publish("desk-1", real.closed)
    collector.publish("desk-2", real.other)

    async def act(stream: JetStreamContext) -> list[str]:
        # What the server does not allow it does not answer: all of them wait for that at once.
        brief = JetStreamContext(stream._nc, timeout=2)
        results = await asyncio.gather(*(action(brief) for action in REFUSED.values()), return_exceptions=True)
        assert all(isinstance(each, (nats.errors.Error, nats.aio.msg.Msg)) for each in results), results
        return [name for name, each in zip(REFUSED, results, strict=True) if not isinstance(each, Exception)]

    # Reading all of it directly is what a reader is for.
    assert collector.do(user, act) == ["reads directly"] * (user == "reader")
    assert held(collector, f"audit.desk-1.{real.closed[0].run}") == len(real.closed)
    assert held(collector, f"audit.desk-2.{real.other[0].run}") == len(real.other)
    assert held(collector, "audit.desk-1.x") == held(collector, "audit.desk-2.x") == 0


def test_not_even_the_administrator_can_delete_or_purge(collector: Server, fleet: Command, real: RealLogs) -> None:
    collector.publish("desk-1", real.closed)

    async def act(stream: JetStreamContext) -> None:
        for action in (stream.delete_msg("AUDIT", 3), stream.purge_stream("AUDIT")):
            with pytest.raises(nats.errors.Error):
                await action
        config = (await stream.stream_info("AUDIT")).config
        with pytest.raises(nats.errors.Error, match="can not cancel deny"):
            await stream.update_stream(config.evolve(deny_delete=False, deny_purge=False))

    collector.do("collector", act)
    assert damages(fleet) == (0, {"desk-1": []}, [])


@pytest.mark.parametrize("user", ["desk-1", "reader"])
def test_the_servers_answers_cannot_be_sent_into_anothers_trail(
    collector: Server, fleet: Command, real: RealLogs, user: str
) -> None:
    collector.publish("desk-1", real.closed)
    collector.publish("desk-2", real.other)
    victim = f"audit.desk-2.{real.other[0].run}"

    async def act(stream: JetStreamContext) -> None:
        asked = {
            "desk-1": [
                f"audit.desk-1.{real.closed[0].run}",
                f"$JS.API.DIRECT.GET.AUDIT.audit.desk-1.{real.closed[0].run}",
                "$JS.AUDIT.API.STREAM.INFO.AUDIT",
            ],
            "reader": ["$JS.API.DIRECT.GET.AUDIT", "$JS.AUDIT.API.STREAM.INFO.AUDIT"],
        }
        for subject in asked[user]:
            await stream._nc.publish(subject, b'{"seq":1}', reply=victim, headers={"Nats-Msg-Id": real.closed[0].id()})
        # Answered behind those.
        await stream._nc.request(asked[user][1], b'{"seq":1}', timeout=5)

    collector.do(user, act)
    assert held(collector, victim) == len(real.other)
    assert damages(fleet)[1]["desk-2"] == []


def test_with_permissions_alone_they_can_and_it_is_found(collector: Server, fleet: Command, real: RealLogs) -> None:
    """Why the page gives each machine an account."""
    collector.publish("desk-1", real.closed)
    victim = f"audit.desk-1.{real.closed[0].run}"

    async def act(stream: JetStreamContext) -> None:
        await stream._nc.publish(f"audit.desk-3.{real.other[0].run}", real.other[0].body, reply=victim)
        await stream._nc.flush()

    collector.do("collector", act)
    code, kinds, _ = damages(fleet)
    assert (code, kinds["desk-1"]) == (1, ["inserted"])


def test_its_own_run_published_anew_is_found_and_what_came_first_counts(
    server: Server, fleet: Command, real: RealLogs
) -> None:
    # So short that the second ones are stored; with the page's stream they must wait ten minutes.
    unprotected(server, duplicate_window=0.1)
    server.publish("desk-1", real.closed)

    async def again(stream: JetStreamContext) -> None:
        for line in rewritten(real.closed, 10):
            is_copy = True
            while is_copy:
                ack = await stream.publish(f"audit.desk-1.{line.run}", line.body, headers={"Nats-Msg-Id": line.id()})
                is_copy = bool(ack.duplicate)

    server.do("desk-1", again)
    code, kinds, _ = damages(fleet, "--head", f"{real.closed[0].run}={head_of(real.closed[-1].body)}")
    assert code == 1
    # One for each part.
    assert set(kinds["desk-1"]) == {"rewritten"}
    assert len(kinds["desk-1"]) == real.closed[-1].part


def test_anothers_run_under_its_own_name_is_found(collector: Server, fleet: Command, real: RealLogs) -> None:
    collector.publish("desk-2", real.other)
    collector.publish("desk-1", rewritten(real.other, 2))
    code, kinds, _ = damages(fleet)
    assert code == 1
    assert kinds["desk-2"] == ["wrong host"]
    assert "wrong host" in kinds["desk-1"]


def test_ids_of_anothers_lines_taken_first_are_found_at_both(collector: Server, fleet: Command, real: RealLogs) -> None:
    taken = real.other[5:8]

    async def take(stream: JetStreamContext) -> None:
        for line in taken:
            await stream.publish(
                f"audit.desk-1.{real.closed[0].run}", b"{}", headers={"Nats-Msg-Id": line.id("desk-2")}
            )

    collector.do("desk-1", take)
    collector.publish("desk-2", real.other)
    code, kinds, _ = damages(fleet)
    assert (code, kinds) == (1, {"desk-1": ["inserted"] * 3, "desk-2": ["deleted"]})


def test_what_is_no_line_is_found(collector: Server, fleet: Command, real: RealLogs) -> None:
    lines = [*real.closed[:9], real.closed[9]._replace(body=b"nonsense"), *real.closed[10:]]
    collector.publish("desk-1", lines)
    assert damages(fleet)[:2] == (1, {"desk-1": ["not a line"]})


# Who can delete: the server's files are theirs, or the stream was made without deny_delete.


@pytest.mark.parametrize(
    ("sequences", "kinds"), [((7,), ["deleted"]), ((7, 8, 9, 20), ["deleted", "deleted"]), ((48,), [])]
)
def test_messages_deleted_in_the_middle_or_at_the_end_are_found(
    server: Server, fleet: Command, real: RealLogs, sequences: tuple[int, ...], kinds: list[str]
) -> None:
    unprotected(server)
    lines = [*real.open, *real.closed][: max(48, len(real.open))]
    server.publish("desk-1", lines)

    async def delete(stream: JetStreamContext) -> None:
        for sequence in sequences:
            await stream.delete_msg("AUDIT", sequence)

    server.do("collector", delete)
    code, found, stream = damages(fleet)
    assert (code, found) == (1, {"desk-1": kinds})
    [text] = stream
    assert f"{len(sequences)} message" in text
    assert "deleted from the middle or the end of the stream" in text
    assert str(sequences[0]) in text


def test_a_whole_run_purged_and_written_into_another_chain_is_found_by_the_stream_and_by_the_head(
    server: Server, fleet: Command, real: RealLogs
) -> None:
    unprotected(server, duplicate_window=0.1)
    server.publish("desk-1", real.closed)
    server.publish("desk-2", real.other)

    async def replace(stream: JetStreamContext) -> None:
        await stream.purge_stream("AUDIT", subject=f"audit.desk-1.{real.closed[0].run}")
        for line in [real.closed[0], *rewritten(real.closed, 2)]:
            is_copy = True
            while is_copy:
                ack = await stream.publish(f"audit.desk-1.{line.run}", line.body, headers={"Nats-Msg-Id": line.id()})
                is_copy = bool(ack.duplicate)

    server.do("collector", replace)
    code, kinds, stream = damages(fleet)
    assert (code, kinds) == (1, {"desk-1": [], "desk-2": []})
    assert "deleted from the stream's beginning, which has no limit that does so" in stream[0]
    noted = f"{real.closed[0].run}={head_of(real.closed[-1].body)}"
    assert damages(fleet, "--head", noted)[1]["desk-1"] == ["head not found"]


def test_a_stream_made_anew_with_chains_that_fit_is_found_by_a_head_alone(
    collector: Server, fleet: Command, real: RealLogs
) -> None:
    collector.publish("desk-1", real.closed)
    kept = damages(fleet, "--head", f"{real.closed[0].run}={head_of(real.closed[20].body)}")
    assert kept == (0, {"desk-1": []}, [])

    async def anew(stream: JetStreamContext) -> None:
        config = (await stream.stream_info("AUDIT")).config
        await stream.delete_stream("AUDIT")
        await stream.add_stream(config)

    collector.do("collector", anew)
    collector.publish("desk-1", [real.closed[0], *rewritten(real.closed, 2)])
    assert damages(fleet) == (0, {"desk-1": []}, [])
    code, kinds, _ = damages(fleet, "--head", f"{real.closed[0].run}={head_of(real.closed[20].body)}")
    assert (code, kinds) == (1, {"desk-1": ["head not found"]})
    # And one of which nothing is left.
    code, _, stream = damages(fleet, "--head", f"{real.other[0].run}={head_of(real.other[-1].body)}")
    assert (code, "is not in the stream, though a head of it was noted" in stream[0]) == (1, True)


def test_the_page_names_every_kind_that_is_found_here_alone() -> None:
    for kind in ("rewritten", "wrong host", "inserted", "head not found"):
        assert f"| `{kind}` |" in PAGE
