"""Over TCP anybody on the machine can call and listen; only who holds the keys is heard and spoken to."""

import contextlib
import re
import socket
from collections.abc import Iterator

import pytest
import zmq

from shared.curve import read_ports
from shared.transport import read_places
from sidecar.keys import make_once
from tests.support import logs
from tests.support.processes import Pair, Process, Producer, Sidecar
from tests.support.transports import over_tcp
from tests.support.waiting import DEADLINE, until
from tests.trail.peers import STRANGER, event, hello, pack
from tests.trail.strangers import NOISES, STRANGERS, Asker, Connect, Impostor

pytestmark = [over_tcp, pytest.mark.long]


@pytest.fixture
def asker(pair: Pair) -> Iterator[Asker]:
    asker = Asker(pair.run_dir)
    yield asker
    asker.close()


@pytest.fixture
def context() -> Iterator[zmq.Context[zmq.Socket[bytes]]]:
    context = zmq.Context()
    yield context
    context.destroy(linger=0)


def test_who_does_not_show_the_keys_is_refused_counted_and_said_once(
    pair: Pair, asker: Asker, context: zmq.Context[zmq.Socket[bytes]]
) -> None:
    sidecar = pair.ready_sidecar()
    honest = pair.producer()
    honest.ask("log", 1, 10)
    for name, connect in STRANGERS.items():
        before = asker.heartbeat().peers
        with context.socket(zmq.PUSH) as stranger:
            stranger.set(zmq.LINGER, 0)

            def is_counted(
                connect: Connect = connect, stranger: zmq.Socket[bytes] = stranger, before: int = before
            ) -> bool:
                # Again and again: a stranger that sees first that they will not agree hangs up, which is no refusal.
                for frame in (hello(STRANGER), event(STRANGER, 1)):
                    connect(read_places(pair.run_dir), stranger)
                    with contextlib.suppress(zmq.Again):
                        stranger.send(pack(frame), zmq.DONTWAIT)
                return asker.heartbeat().peers > before

            until(is_counted, f"the refusal of one {name}")
    before = asker.heartbeat().peers
    with contextlib.ExitStack() as stack:
        for noise in NOISES.values():
            stack.enter_context(call(pair)).sendall(noise)
        until(lambda: asker.heartbeat().peers >= before + len(NOISES), "the refusal of noises")
    honest.ask("log", 11, 20)
    honest.wait_for_durable(20)
    assert pair.log_files() == [honest.log]
    [line] = sidecar.err
    assert line.startswith(f"Refused a connection that did not show the keys in {pair.run_dir}.")
    counted = asker.heartbeat().peers
    code, printed, _ = pair.run("-m", "sidecar", "status")
    said = re.search(r"and ([0-9]+) connections refused", printed[3])
    assert code == 0
    assert said is not None, printed
    assert counted <= int(said[1]) <= asker.heartbeat().peers


def call(pair: Pair) -> socket.socket:
    return socket.create_connection(("127.0.0.1", read_ports(pair.run_dir).events))


def test_connections_that_never_speak_take_no_descriptor_for_good(pair: Pair, asker: Asker) -> None:
    pair.prefix = ["sh", "-c", 'ulimit -n 60; exec "$@"', "sh"]
    sidecar = pair.ready_sidecar()
    pair.prefix = []
    before = pair.producer()
    before.ask("log", 1, 10)
    before.wait_for_durable(10)
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(call(pair)) for _ in range(45)]
        before.ask("log", 11, 20)
        before.wait_for_durable(20)
        while_there = pair.producer()
        while_there.ask("log", 1, 10)
        while_there.wait_for_durable(10)
        until(lambda: asker.heartbeat().peers >= len(silent), lambda: f"{asker.heartbeat()}")
    assert sidecar.popen.poll() is None
    for producer in (before, while_there):
        assert logs.gaps(logs.read(producer.log)) == []


def test_who_listens_where_a_dead_sidecar_did_is_told_nothing_and_holds_up_nobody(pair: Pair) -> None:
    sidecar = pair.ready_sidecar()
    producer = pair.producer()
    tail = pair.python("-m", "sidecar", "tail")
    producer.ask("log", 1, 10)
    producer.wait_for_durable(10)
    old = read_ports(pair.run_dir)
    with impostor_instead_of(pair, sidecar) as first:
        producer.ask("log", 11, 20)
        # Events and acknowledgements, and the tail.
        first.wait_for_callers(3)
        assert producer.status()["durable"] == 10
        sidecar = pair.ready_sidecar()
        producer.wait_for_durable(20)
    new = read_ports(pair.run_dir)
    assert {new.events, new.acks}.isdisjoint({old.events, old.acks})
    with impostor_instead_of(pair, sidecar) as second:
        producer.ask("log", 21, 30)
        second.wait_for_callers(3)
    # This one has left when the next sidecar comes, which is where the last one was.
    pair.ready_sidecar()
    producer.wait_for_durable(30)
    assert read_ports(pair.run_dir) == new
    assert b"event" not in first.heard + second.heard
    assert logs.messages(logs.read(producer.log)) == [f"event {n}" for n in range(1, 31)]
    check_follows(producer, tail)


def impostor_instead_of(pair: Pair, sidecar: Sidecar) -> Impostor:
    sidecar.kill()
    sidecar.wait()
    return Impostor(pair.run_dir)


def check_follows(producer: Producer, tail: Process) -> None:
    def follows() -> bool:
        producer.ask("say", "nav", "still there")
        return any("still there" in line for line in tail.out.copy())

    until(follows, lambda: f"a line; {tail.out} {tail.err}")


def test_keys_are_replaced_by_a_command_and_the_old_ones_are_refused(
    pair: Pair, asker: Asker, context: zmq.Context[zmq.Socket[bytes]]
) -> None:
    sidecar = pair.ready_sidecar()
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in pair.run_dir.iterdir()} == dict.fromkeys(
        ("keys", "lock", "ports"), "0o600"
    )
    producer = pair.producer()
    producer.ask("log", 1, 10)
    producer.wait_for_durable(10)
    old = read_places(pair.run_dir)
    code, _, complaints = pair.run("-m", "sidecar", "keys", "--replace")
    assert code == 1
    assert f"pid {sidecar.pid}" in complaints[0]
    assert read_places(pair.run_dir) == old
    sidecar.kill()
    sidecar.wait()
    code, printed, _ = pair.run("-m", "sidecar", "keys", "--replace")
    assert code == 0
    assert "Start the sidecar again" in printed[-1]
    new = read_places(pair.run_dir)
    assert new.keys is not None
    assert new.keys != old.keys
    assert new.keys.sidecar_secret not in " ".join(printed)
    assert (pair.run_dir / "keys").stat().st_mode & 0o777 == 0o600
    pair.ready_sidecar()
    assert read_places(pair.run_dir) == new
    # Who ran all along goes on.
    producer.ask("log", 11, 20)
    producer.wait_for_durable(20)
    before = asker.heartbeat().peers
    with context.socket(zmq.PUSH) as stranger:
        new._replace(keys=old.keys).connect(stranger, "events")
        until(lambda: asker.heartbeat().peers > before, "the refusal of the old keys")


def test_keys_that_others_can_read_are_refused_by_all_with_what_to_do(pair: Pair) -> None:
    pair.run_dir.mkdir(mode=0o700)
    make_once(pair.run_dir)
    keys = pair.run_dir / "keys"
    keys.chmod(0o644)
    second = pair.sidecar()
    assert second.wait(DEADLINE) == 1
    line = f"{keys} can be read or written by other users. Stop the sidecar and run: python -m sidecar keys --replace"
    assert second.err == [line]
    assert pair.run("-m", "sidecar", "status") == (1, [], [line])
    producer = pair.producer()
    producer.ask("log", 1, 3)
    assert producer.wait_for_state("absent")["reason"] == line
    assert pair.run("-m", "sidecar", "keys", "--replace")[0] == 0
    pair.ready_sidecar()
    producer.wait_for_durable(3)
