"""Whatever is sent to its sockets, a sidecar refuses, counts and says once, and loses nothing of an honest GUI's."""

import os
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any, Self

import psutil
import pytest
import zmq

from shared.naming import Directories
from sidecar.question import ask_status
from sidecar.verify.line import read_line
from tests.hostile.attack import Attack
from tests.hostile.check import check_aftermath
from tests.hostile.frames import MOST, NOW, Generator, event, hello, pack
from tests.hostile.peers import Peer, descriptors, frame, ready
from tests.support import logs
from tests.support.processes import Pair, Sidecar
from tests.support.waiting import DEADLINE, until

pytestmark = pytest.mark.long

FRAMES = 10_000
STRANGER = "20261123T153000Z-00000bad"
LIMIT = 400


class Sender:
    """A socket that pushes frames to the sidecar of `pair`."""

    def __init__(self, pair: Pair) -> None:
        self._context = zmq.Context()
        self._push = self._context.socket(zmq.PUSH)
        self._push.set(zmq.SNDTIMEO, int(DEADLINE * 1000))
        self._push.connect(f"ipc://{pair.run_dir / 'events'}")
        me = psutil.Process()
        self.pid, self.started = me.pid, me.create_time()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._context.destroy(linger=0)

    def send(self, *messages: list[Any] | bytes) -> None:
        for message in messages:
            self._push.send(pack(message) if isinstance(message, list) else message)

    def greet(self, run: str, **changed: object) -> None:
        self.send(hello(run, self.pid, self.started, **changed))


def refused(pair: Pair) -> int:
    return ask_status(Directories(pair.audit, pair.run_dir), DEADLINE).heartbeat.refused


def test_of_hostile_frames_on_all_sockets_each_is_counted_and_the_honest_lose_nothing(pair: Pair) -> None:
    sidecar = pair.ready_sidecar()
    # Another seed, and a million: python -m tests.hostile
    account = Attack(pair, sidecar, seed=int.from_bytes(os.urandom(4), "big")).run(FRAMES)
    print("\n".join(account.lines()))  # noqa: T201 - to send the same again
    assert account.refused > FRAMES / 2
    assert account.memory[2] - account.memory[0] < 64 * 2**20
    check_aftermath(pair, sidecar)


def test_the_same_seed_makes_the_same_frames_and_another_one_others() -> None:
    one, same, other = (list(islice(Generator(seed, 1, 1.0).frames(), 2_000)) for seed in (1, 1, 2))
    assert one == same != other
    assert len({each.kind for each in one}) == 20


def test_what_is_nested_as_deep_as_can_be_decoded_is_a_gap_and_not_a_line_that_no_reader_reads(pair: Pair) -> None:
    pair.ready_sidecar()
    with Sender(pair) as sender:
        sender.greet(STRANGER)
        shallow = pack(event(STRANGER, 1, extra={"deep": 0}))[:-1]
        # Where the decoder gives up depends on the stack of its thread: each of these is refused, or a gap.
        sender.send(*(shallow + b"\x91" * depth + b"\x00" for depth in range(900, 1_010)))
        sender.send(event(STRANGER, 2), ["alive", STRANGER, 2, True])
        log = pair.audit / f"datatools-{STRANGER}.jsonl"
        until(lambda: log.exists() and b'"seq":2' in log.read_bytes(), "the event behind it")
    assert logs.gaps(logs.read(log)) == [(1, 1, "unwritable")]
    assert pair.verify()[0] == 0
    assert [read_line(line, "log", 1).bad for line in log.read_bytes().splitlines()] == [""] * 3


def crowd(path: Path, sidecar: Sidecar) -> None:
    """Connect in tens, each as the ten before are accepted, until all are dropped."""
    with ExitStack() as stack:
        accepted = descriptors(sidecar.pid)
        while accepted >= 0:
            for _ in range(10):
                stack.callback(Peer(path).close)
            accepted = await_ten(sidecar, accepted)
    until(
        lambda: descriptors(sidecar.pid) < LIMIT / 4 and path.exists(),
        lambda: f"{descriptors(sidecar.pid)} descriptors",
    )


def await_ten(sidecar: Sidecar, before: int) -> int:
    """How many descriptors the sidecar has then, -1 when it has dropped them."""
    assert before < LIMIT - 50
    until(lambda: not before - 5 <= descriptors(sidecar.pid) < before + 8, "them to be accepted or dropped")
    now = descriptors(sidecar.pid)
    return now if now > before else -1


def test_a_connection_more_than_there_are_descriptors_for_is_dropped_and_an_honest_gui_goes_on(pair: Pair) -> None:
    pair.prefix = ["prlimit", f"--nofile={LIMIT}"]
    sidecar = pair.ready_sidecar()
    pair.prefix = []
    gui = pair.producer()
    gui.ask("log", 1, 10)
    gui.wait_for_durable(10)
    for number, channel in enumerate(("events", "acks", "ask"), 1):
        crowd(pair.run_dir / channel, sidecar)
        gui.ask("log", 10 * number + 1, 10 * number + 10)
    gui.wait_for_durable(40)
    assert sidecar.popen.poll() is None
    assert sum("Too many connections" in line for line in sidecar.err) == 1
    assert logs.gaps(logs.read(gui.log)) == []
    assert refused(pair) == 0


def test_ten_thousand_runs_are_no_more_files_than_may_be_open_and_the_honest_one_goes_on(pair: Pair) -> None:
    pair.prefix = ["prlimit", f"--nofile={LIMIT}"]
    sidecar = pair.ready_sidecar()
    pair.prefix = []
    honest = pair.producer()
    honest.ask("flood", 1, 200, 100)
    honest.wait_for_state("recording")
    runs = [f"20261123T153000Z-{number:08x}" for number in range(10_000)]
    with Sender(pair) as sender:
        for run in runs:
            sender.greet(run)
        # The first of them are open until their process has gone, and the honest one is.
        until(lambda: refused(pair) == len(runs) - (LIMIT // 4 - 1), lambda: f"{refused(pair)} refused")
    assert len(pair.log_files()) == LIMIT // 4
    assert descriptors(sidecar.pid) < LIMIT / 2
    assert [line for line in sidecar.err if "runs are open" in line] == sidecar.err
    [logged] = honest.ask("stop_flood")["logged"]
    honest.wait_for_durable(logged)
    assert logs.gaps(logs.read(honest.log)) == []


def test_frames_in_an_honest_runs_name_are_in_its_log_or_not_and_each_number_stays_accounted_for_once(
    pair: Pair,
) -> None:
    pair.ready_sidecar()
    honest = pair.producer()
    honest.ask("log", 1, 10)
    honest.wait_for_durable(10)
    with Sender(pair) as sender:
        run = honest.run
        sender.greet(run, seq=MOST)
        sender.send(
            event(run, 11, message="forged"), event(run, 5), event(run, MOST), ["skipped", run, 12, 13, "forged"]
        )
        sender.send(["alive", run, MOST, True], ["bye", run, 3], hello(run, 1, 0.0), ["alive", run, 0, True])
        until(lambda: b'"last":13' in honest.log.read_bytes(), "the forged gap")
    honest.ask("log", 11, 20)
    honest.wait_for_durable(20)
    records = logs.read(honest.log)
    assert logs.gaps(records) == [(12, 13, "forged")]
    said = [f"event {number}" for number in [*range(1, 11), *range(14, 21)]]
    assert logs.messages(records) == [*said[:10], "forged", *said[10:]]
    assert pair.verify()[0] == 0


@pytest.mark.parametrize("channel", ["acks", "ask"])
def test_a_subscription_or_question_of_64_kib_costs_its_sender_the_connection(pair: Pair, channel: str) -> None:
    sidecar = pair.ready_sidecar()
    memory = psutil.Process(sidecar.pid).memory_info().rss
    for _ in range(20):
        peer = Peer(pair.run_dir / channel)
        peer.send(ready(b"SUB" if channel == "acks" else b"DEALER"))
        peer.send(frame(b"\x01" + os.urandom(64_000)))
        peer.wait_for_end()
        peer.close()
    assert psutil.Process(sidecar.pid).memory_info().rss - memory < 20 * 2**20
    gui = pair.producer()
    gui.ask("log", 1, 10)
    gui.wait_for_durable(10)


def test_the_longest_message_with_every_byte_escaped_is_a_line_that_is_read(pair: Pair) -> None:
    pair.ready_sidecar()
    longest = 65_000
    with Sender(pair) as sender:
        sender.greet(STRANGER)
        sender.send(event(STRANGER, 1, message="\x01" * longest, ts=NOW), ["alive", STRANGER, 1, True])
        log = pair.audit / f"datatools-{STRANGER}.jsonl"
        until(lambda: log.exists() and b'"seq":1' in log.read_bytes(), "the event")
    [found] = logs.events(logs.read(log))
    assert found["message"] == "\x01" * longest
    assert log.stat().st_size > 6 * longest
    code, printed, _ = pair.run("-m", "sidecar", "query", "--category", "nav", str(pair.audit))
    assert code == 0
    assert all(line.isprintable() for line in printed)
