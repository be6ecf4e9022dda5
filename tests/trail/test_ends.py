"""GUI and sidecar end: by themselves, together, or killed."""

import signal
from datetime import datetime
from time import monotonic, time

import pytest

from tests.support import logs
from tests.support.processes import Pair, Producer, Sidecar
from tests.support.waiting import DEADLINE, until


def closing_of(pair: Pair, producer: Producer) -> tuple[object, ...]:
    line = pair.wait_for_closing(producer.log)
    return line["outcome"], line["events"], line["lost"], line["known"]


def seconds(line: logs.Record) -> float:
    return datetime.fromisoformat(line["ts"]).timestamp()


def test_a_killed_gui_vanished_within_5_seconds(pair: Pair) -> None:
    pair.ready_sidecar()
    reaped, zombie = pair.producer(), pair.producer()
    for producer in (reaped, zombie):
        producer.ask("log", 1, 30)
        producer.wait_for_durable(30)
    killed = time()
    reaped.kill()
    zombie.kill()
    reaped.wait()
    for producer in (reaped, zombie):
        assert closing_of(pair, producer) == ("vanished", 30, 0, 30)
        assert seconds(logs.read(producer.log)[-1]) - killed < 5
    assert pair.verify()[0] == 0


def test_a_gui_killed_while_the_sidecar_was_down_is_closed_by_the_next_one(pair: Pair) -> None:
    sidecar = pair.ready_sidecar()
    producer = pair.producer()
    producer.ask("log", 1, 30)
    producer.wait_for_durable(30)
    sidecar.kill()
    sidecar.wait()
    producer.ask("log", 31, 40)
    producer.kill()
    producer.wait()
    pair.ready_sidecar()
    assert closing_of(pair, producer) == ("vanished", 30, 0, 30)


def test_a_gui_killed_with_events_unsent_leaves_the_last_number_known(pair: Pair) -> None:
    sidecar = pair.ready_sidecar()
    producer = pair.producer()
    producer.ask("log", 1, 30)
    producer.wait_for_durable(30)
    sidecar.signal(signal.SIGSTOP)
    producer.wait_for_state("suspended")
    # More than what fits into the pipe: some of them die with the GUI.
    producer.ask("log", 31, 2030, 4096)
    producer.kill()
    producer.wait()
    sidecar.signal(signal.SIGCONT)
    outcome, events, lost, known = closing_of(pair, producer)
    arrived = len(logs.events(logs.read(producer.log)))
    assert (outcome, events, lost) == ("vanished", arrived, 0)
    assert 30 < arrived < 2030
    assert isinstance(known, int)
    assert arrived <= known <= 2030


def test_a_gui_that_ends_says_goodbye_with_all_it_logged(pair: Pair) -> None:
    pair.ready_sidecar()
    producer = pair.producer()
    producer.ask("log", 1, 500)
    assert producer.end() == 0
    assert producer.err == []
    assert closing_of(pair, producer) == ("clean", 500, 0, 500)
    assert logs.messages(logs.read(producer.log)) == [f"event {n}" for n in range(1, 501)]


def test_a_gui_that_ends_without_a_sidecar_says_what_it_takes_with_it(pair: Pair) -> None:
    producer = pair.producer()
    producer.ask("log", 1, 12)
    begun = monotonic()
    assert producer.end() == 0
    assert monotonic() - begun < 10
    [line] = producer.err
    assert "12 events" in line
    assert "Start it with: python -m shared.keeper" in line


@pytest.mark.parametrize("attempt", [0, *(pytest.param(each, marks=pytest.mark.long) for each in (1, 2))])
def test_ended_together_amid_events_all_is_on_disk(pair: Pair, attempt: int) -> None:
    sidecar = pair.ready_sidecar()
    producer = pair.producer()
    producer.ask("flood", 2, 1000, 100 * attempt)
    until(lambda: producer.status()["durable"] > 200, "events on disk")
    sidecar.signal(signal.SIGTERM)
    ended = producer.ask("end_flood")
    assert ended["pending"] == 0
    assert producer.end() == 0
    assert (sidecar.wait(), producer.err, sidecar.err) == (0, [], [])
    logged = sum(ended["logged"]) + 1
    assert closing_of(pair, producer) == ("clean", logged, 0, logged)
    assert logs.messages(logs.read(producer.log))[-1] == "Session ending"


def stopping(pair: Pair) -> tuple[Sidecar, Producer]:
    """A sidecar told to end that waits for an idle GUI to do so too."""
    sidecar = pair.ready_sidecar()
    producer = pair.producer()
    producer.ask("log", 1, 3)
    producer.wait_for_durable(3)
    sidecar.signal(signal.SIGTERM)
    producer.wait_for_state("stopping")
    return sidecar, producer


def test_told_to_end_beside_an_idle_gui_the_sidecar_ends_with_0(pair: Pair) -> None:
    begun = monotonic()
    sidecar, producer = stopping(pair)
    assert sidecar.wait() == 0
    assert monotonic() - begun < DEADLINE / 2
    assert sidecar.out[-1] == "Sidecar ended"
    # The run is still open: its process lives, and the next sidecar goes on with it.
    assert logs.closings(logs.read(producer.log)) == []
    producer.ask("log", 4, 6)
    pair.ready_sidecar()
    producer.wait_for_durable(6)
    assert logs.gaps(logs.read(producer.log)) == []


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_the_sidecar_at_once(pair: Pair, second: int) -> None:
    sidecar, _ = stopping(pair)
    begun = monotonic()
    sidecar.signal(second)
    assert sidecar.wait() == 1
    assert monotonic() - begun < 2
    assert "Sidecar ended" not in sidecar.out


def test_a_second_sidecar_ends_at_once_and_names_the_first(pair: Pair) -> None:
    first = pair.ready_sidecar()
    second = pair.sidecar()
    assert second.wait() == 1
    assert second.out == []
    [line] = second.err
    assert f"pid {first.pid}" in line
    assert str(pair.run_dir) in line
    # The first has not noticed.
    producer = pair.producer()
    producer.ask("log", 1, 3)
    producer.wait_for_durable(3)


def put_a_file_in_place_of_the_audit_directory(pair: Pair) -> None:
    if pair.audit.exists():
        pair.audit.rename(pair.root / "moved")
    pair.audit.write_bytes(b"a file\n")


def check_leaves_behind(sidecar: Sidecar, producer: Producer) -> None:
    """30 events wait for a disk that refuses when both are told to end, and both say so."""
    producer.ask("log", 1, 30)
    producer.wait_for_state("failing")
    sidecar.signal(signal.SIGTERM)
    assert producer.end() == 0
    assert "30 events" in producer.err[0]
    assert sidecar.wait() == 1
    assert sidecar.err[-1].startswith("30 events could not be written before the end: ")
    assert "Sidecar ended" not in sidecar.out


def test_told_to_end_when_the_disk_began_to_refuse_it_says_how_many_events_are_left(pair: Pair) -> None:
    sidecar = pair.ready_sidecar()
    producer = pair.producer()
    producer.ask("say", "nav", "Opened home")
    producer.wait_for_durable(1)
    put_a_file_in_place_of_the_audit_directory(pair)
    check_leaves_behind(sidecar, producer)
    assert len(logs.events(logs.read(pair.root / "moved" / producer.log.name))) == 1


@pytest.mark.long
def test_told_to_end_when_the_disk_never_worked_it_says_how_many_events_are_left(pair: Pair) -> None:
    put_a_file_in_place_of_the_audit_directory(pair)
    check_leaves_behind(pair.ready_sidecar(), pair.producer())
