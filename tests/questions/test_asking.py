"""A running sidecar is asked about its logs: it answers, and whoever asks what, no event of an honest GUI waits or is lost."""

import contextlib
import os
import signal
from contextlib import ExitStack

import psutil
import pytest
import zmq

from shared.naming import Directories
from shared.questions import (
    MAX_QUESTION,
    Back,
    Forth,
    OneLine,
    Place,
    Progress,
    RunList,
    Runs,
    Verify,
    Wanted,
    WholeLine,
    encode,
)
from sidecar.question import ask_status
from tests.questions.asker import Asker
from tests.questions.logs import numbers
from tests.support import logs
from tests.support.processes import Pair, Producer
from tests.support.waiting import DEADLINE, until

FLOOD = 3_000
ABSENT = "20200101T000000Z-00000000"


def logged(pair: Pair, events: int) -> Producer:
    producer = pair.producer()
    producer.ask("log", 1, events)
    producer.wait_for_durable(events)
    return producer


def reader_of(pid: int) -> psutil.Process:
    """The one that answers; one that was killed may still be there for a moment."""
    return next(each for each in psutil.Process(pid).children() if is_a_reader(each))


def is_a_reader(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
        return "sidecar.reader" in process.cmdline()
    return False


def is_gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_runs_lines_and_what_is_new_are_told(pair: Pair, asker: Asker) -> None:
    pair.ready_sidecar()
    first, second = logged(pair, 30), logged(pair, 250)
    runs = asker.ask(Runs())
    assert isinstance(runs, RunList)
    assert [(each.run, each.parts, each.size) for each in runs.runs] == [
        (each.run, 1, each.log.stat().st_size)
        for each in sorted((first, second), key=lambda each: each.run, reverse=True)
    ]
    newest = asker.stretch(Back(second.run, Wanted(), None, 100, tally=True))
    assert numbers(newest.rows) == list(range(250, 150, -1))
    older = asker.stretch(Back(second.run, Wanted(), newest.rows[-1].place, 200, tally=False))
    assert numbers(older.rows) == list(range(150, 0, -1))
    second.ask("log", 251, 253)
    second.wait_for_durable(253)
    assert numbers(asker.stretch(Forth(second.run, Wanted(), newest.high, 100)).rows) == [253, 252, 251]
    found = asker.stretch(Back(second.run, Wanted(text="EVENT 77"), None, 100, tally=True))
    assert [row.message for row in found.rows] == ["event 77"]
    line = asker.ask(OneLine(second.run, found.rows[0].place))
    assert isinstance(line, WholeLine)
    assert (line.piece, line.number) == (second.log.read_bytes().split(b"\n")[77], 78)
    for question in (Back(ABSENT, Wanted(), None, 1, tally=True), OneLine(ABSENT, Place(1, 0)), Progress("0" * 16)):
        assert asker.refusal(question).why == "gone"


def test_verify_is_a_job_that_is_joined_and_tells_damage_from_loss(pair: Pair, asker: Asker) -> None:
    pair.ready_sidecar()
    producer = logged(pair, 40)
    begun = asker.job(Verify(producer.run))
    assert asker.job(Verify(producer.run)).job == begun.job
    result = asker.result(Verify(producer.run))
    assert result.verdict is not None
    assert (result.verdict.events, result.verdict.lost, result.verdict.damages) == (40, 0, [])
    assert result.verdict.head == logs.head(producer.log)
    assert producer.end() == 0
    pair.wait_for_closing(producer.log)
    producer.log.write_bytes(producer.log.read_bytes().replace(b'"event 17"', b'"event 71"'))
    damaged = asker.result(Verify(producer.run)).verdict
    assert damaged is not None
    assert [(each.kind, each.first) for each in damaged.damages] == [("edited", 18)]
    assert asker.result(Verify(ABSENT)).trouble == f"There is no log of run {ABSENT}"


def test_what_is_no_question_is_refused_counted_and_said_to_the_asker(pair: Pair, asker: Asker) -> None:
    pair.ready_sidecar()
    good = encode(Back(ABSENT, Wanted(), None, 1, tally=True))
    bad = [
        b"",
        b"\x00",
        good[:-1],
        good + b"\x00",
        os.urandom(300),
        encode(["back", "../../etc/passwd", [], None, 1, True]),
    ]
    for frame in bad:
        assert asker.refusal(frame).why == "unknown"
    too_long = encode(Back(ABSENT, Wanted(text="x" * 200), None, 1, tally=True)) + bytes(MAX_QUESTION)
    with Asker(pair.run_dir) as other:
        other.send(too_long)
        # ZeroMQ drops who sends more than any question has, and goes on with who asks properly.
        assert asker.refusal(good).why == "gone"
    beat = ask_status(Directories(pair.audit, pair.run_dir), DEADLINE).heartbeat
    assert (beat.turned_away, beat.refused) == (len(bad), 0)


def test_a_flood_of_questions_is_turned_away_and_every_event_arrives(pair: Pair, asker: Asker) -> None:
    sidecar = pair.ready_sidecar()
    producer = logged(pair, 1_000)
    producer.ask("flood", 1, 500.0, 100)
    with ExitStack() as stack:
        floods = [stack.enter_context(Asker(pair.run_dir)) for _ in range(8)]
        for each in floods:
            each.dealer.set(zmq.SNDTIMEO, int(DEADLINE * 1000))
        question = encode(Back(producer.run, Wanted(text="nowhere"), None, 200, tally=True))
        for number in range(FLOOD):
            floods[number % len(floods)].send(question if number % 3 else os.urandom(50))
        answered = 0
        while answered < FLOOD // 20:
            answered += sum(bool(each.dealer.poll(10)) and bool(each.receive()) for each in floods)
    [last] = producer.ask("stop_flood")["logged"]
    producer.wait_for_durable(1_000 + last)
    records = logs.read(producer.log)
    assert logs.gaps(records) == []
    assert len(logs.events(records)) == 1_000 + last
    until(lambda: asker.ask(Runs()), "an answer behind the flood")
    assert ask_status(Directories(pair.audit, pair.run_dir), DEADLINE).heartbeat.turned_away > 0
    assert sidecar.err == []


def test_a_reader_that_is_killed_is_replaced_and_one_whose_sidecar_is_killed_ends(pair: Pair, asker: Asker) -> None:
    sidecar = pair.ready_sidecar()
    producer = logged(pair, 10)
    question = Back(producer.run, Wanted(), None, 5, tally=True)
    asker.stretch(question)
    first = reader_of(sidecar.pid)
    first.kill()
    until(lambda: is_gone(first), "the end of the reader")
    assert numbers(asker.stretch(question).rows) == [10, 9, 8, 7, 6]
    for _ in range(10):
        # Dying, dead, or just replaced: whoever asks does not notice.
        reader_of(sidecar.pid).kill()
        assert numbers(asker.stretch(question).rows) == [10, 9, 8, 7, 6]
    second = reader_of(sidecar.pid)
    assert second.pid != first.pid
    sidecar.signal(signal.SIGKILL)
    until(lambda: is_gone(second), "the end of the reader")
    sidecar.wait()
    pair.ready_sidecar()
    assert numbers(asker.stretch(question).rows) == [10, 9, 8, 7, 6]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_sidecar_that_ends_leaves_no_reader_behind(pair: Pair, asker: Asker, number: int) -> None:
    sidecar = pair.ready_sidecar()
    producer = logged(pair, 10)
    asker.stretch(Back(producer.run, Wanted(), None, 5, tally=True))
    reader = reader_of(sidecar.pid)
    assert producer.end() == 0
    sidecar.signal(number)
    assert sidecar.wait() in {0, -signal.SIGKILL}
    until(lambda: is_gone(reader), "the end of the reader")
