"""A peer that sends anything at all beside an honest one."""

import math
import os
import random
from collections.abc import Iterator

import msgspec
import pytest
import zmq

from tests.support import logs
from tests.support.processes import Pair
from tests.support.transports import over_both, over_ipc
from tests.support.waiting import DEADLINE, until
from tests.trail.peers import STRANGER, Peer, event, hello, pack, refused

HONEST_EVENTS = 500


@pytest.fixture
def peer(pair: Pair) -> Iterator[Peer]:
    pair.ready_sidecar()
    peer = Peer(pair, zmq.PUSH, "events")
    yield peer
    peer.close()


def nested(depth: int) -> bytes:
    """An event whose extra is a list in a list in a list …"""
    return pack(event(STRANGER, 1, extra={"deep": 0}))[:-1] + b"\x91" * depth + b"\x00"


def check_nothing_outside(pair: Pair, *runs: str) -> None:
    """In the directories of the pair there is what belongs there, and beside them nothing."""
    assert {path.name for path in pair.root.iterdir()} == {"logs", "run"}
    met_at = {"ipc": {"events", "acks", "ask"}, "tcp": {"keys", "ports"}}[pair.transport]
    assert {path.name for path in pair.run_dir.iterdir()} == {"lock", *met_at}
    assert {path.name for path in pair.log_files()} == {f"datatools-{run}.jsonl" for run in runs}


UNREADABLE: dict[str, object] = {
    "no message": b"",
    "nil": None,
    "text": "hello",
    "an unknown tag": ["goodbye", STRANGER],
    "too short": ["hello", STRANGER],
    "another version": hello(STRANGER.replace("bad", "abc"), version=2),
    "a path as run": hello("../../x"),
    "an event of a path": event("../../x", 1),
    "a run with a newline": hello(f"{STRANGER}\n"),
    "a run with other digits": hello(STRANGER.replace("2026", "\uff12\uff10\uff12\uff16")),
    "pid 0": hello(STRANGER, pid=-1),
    "seq 0": event(STRANGER, 0),
    "seq 2**64 - 1": event(STRANGER, 2**64 - 1),
    "seq as text": event(STRANGER, "1"),
    "a time beyond all years": event(STRANGER, 1, ts=2**63 - 1),
    "a message that is no text": event(STRANGER, 1, message=b"\xff"),
    "a text that is no UTF-8": pack(event(STRANGER, 1, message="aaaa")).replace(b"aaaa", b"\xff\xfe\xff\xfe"),
    "a skip of nothing": ["skipped", STRANGER, 0, 0, ""],
    "deep": nested(60_000),
    "cut off": pack(event(STRANGER, 1))[:-3],
}


@over_both
def test_what_cannot_be_read_is_refused_and_counted_and_the_honest_lose_nothing(pair: Pair, peer: Peer) -> None:
    honest = pair.producer()
    honest.ask("flood", 1, 500, HONEST_EVENTS)
    peer.send(*UNREADABLE.values())
    # For a run that never said Hello: no error, and nothing to write.
    peer.send(event(STRANGER, 1), ["bye", STRANGER, 0])
    until(lambda: refused(pair) == len(UNREADABLE), lambda: f"{refused(pair)} of {len(UNREADABLE)} refused")
    [logged] = honest.ask("stop_flood")["logged"]
    honest.wait_for_durable(logged)
    assert logs.gaps(logs.read(honest.log)) == []
    check_nothing_outside(pair, honest.run)


def test_random_bytes_and_mutilated_frames_harm_nobody(pair: Pair, peer: Peer) -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")  # noqa: T201 - to send the same again
    chance = random.Random(seed)  # noqa: S311 - not a secret
    honest = pair.producer()
    honest.ask("flood", 1, 500, HONEST_EVENTS)
    good = [
        pack(hello(STRANGER)),
        pack(event(STRANGER, 1, extra={"a": [1, 2.5, None]})),
        pack(["alive", STRANGER, 9, True]),
    ]
    for _ in range(2000):
        peer.send(chance.randbytes(chance.randrange(200)), mutilated(chance, chance.choice(good)))
    [logged] = honest.ask("stop_flood")["logged"]
    honest.wait_for_durable(logged)
    assert logs.gaps(logs.read(honest.log)) == []
    assert refused(pair) > 1000
    for log in pair.log_files():
        assert logs.read(log)
    assert {path.name for path in pair.root.iterdir()} == {"logs", "run"}


def mutilated(chance: random.Random, frame: bytes) -> bytes:
    changed = bytearray(frame)
    for _ in range(chance.randrange(1, 4)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def test_a_frame_too_large_costs_its_sender_the_connection_and_nobody_else(pair: Pair, peer: Peer) -> None:
    honest = pair.producer()
    honest.ask("log", 1, 100)
    honest.wait_for_durable(100)
    peer.send(b"x" * (1024 * 1024))
    honest.ask("log", 101, 200)
    honest.wait_for_durable(200)
    # ZeroMQ connects it again.
    peer.send(hello(STRANGER), event(STRANGER, 1))
    until(lambda: len(pair.log_files()) == 2, "the log of the peer")
    assert refused(pair) == 0


def stranger_log(pair: Pair, messages: int) -> list[logs.Record]:
    path = pair.audit / f"datatools-{STRANGER}.jsonl"
    until(lambda: path.exists() and path.read_bytes().count(b"\n") >= messages, lambda: f"{messages} lines in {path}")
    return logs.read(path)


def test_an_event_that_json_cannot_say_becomes_a_gap(pair: Pair, peer: Peer) -> None:
    unsayable = {"ext": msgspec.msgpack.Ext(5, b"x")}
    peer.send(hello(STRANGER), event(STRANGER, 1), event(STRANGER, 2, extra=unsayable), event(STRANGER, 3))
    records = stranger_log(pair, 4)
    assert logs.gaps(records) == [(2, 2, "unwritable")]
    assert [each["seq"] for each in logs.events(records)] == [1, 3]
    assert pair.verify()[0] == 0


def test_a_hello_with_an_odd_start_time_gets_a_log_that_verifies(pair: Pair, peer: Peer) -> None:
    odd = {f"20261123T153000Z-0000000{n}": time for n, time in enumerate((math.nan, math.inf, -1e300, 0.0))}
    for run, started in odd.items():
        peer.send(hello(run, started=started), event(run, 1), event(run, 2))
    for run in odd:
        assert pair.wait_for_closing(pair.audit / f"datatools-{run}.jsonl")["events"] == 2
    code, printed, _ = pair.verify()
    assert code == 0, printed


def test_the_largest_numbers_are_written_and_verify(pair: Pair, peer: Peer) -> None:
    most = 2**63 - 1
    peer.send(hello(STRANGER, seq=most), event(STRANGER, 1), ["skipped", STRANGER, 1, most, "outbox full"])
    records = stranger_log(pair, 3)
    assert logs.gaps(records) == [(2, most, "outbox full")]
    code, printed, _ = pair.verify()
    assert code == 0, printed


@over_ipc
def test_questions_that_are_none_are_ignored(pair: Pair, peer: Peer) -> None:
    asker = Peer(pair, zmq.DEALER, "ask")
    try:
        asker.send(b"", b"what?", os.urandom(1000))
        asker.socket.send_multipart([b"id", b"status", b"more"])
        asker.socket.send_multipart([b"id", b"status"])
        assert asker.socket.poll(int(DEADLINE * 1000))
        assert asker.socket.recv_multipart()[0] == b"id"
    finally:
        asker.close()
    peer.send(hello(STRANGER), event(STRANGER, 1))
    assert stranger_log(pair, 2)
