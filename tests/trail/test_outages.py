"""The sidecar is killed, absent or stopped, and nothing is lost but what is declared."""

import random
import signal
import threading
from itertools import groupby
from operator import itemgetter

from tests.support import logs
from tests.support.processes import Pair, Producer, Sidecar
from tests.trail.transports import over_both, over_tcp

KILLS = 15
EVENTS, THREADS = 20_000, 4


def test_20_000_events_survive_15_kills_exactly_once(pair: Pair) -> None:
    check_survive(pair, EVENTS, KILLS)


@over_tcp
def test_over_tcp_2_000_events_survive_4_kills_exactly_once(pair: Pair) -> None:
    check_survive(pair, 2_000, 4)


def check_survive(pair: Pair, events: int, kills: int) -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")  # noqa: T201 - to make the same kills again
    pids = []
    producer = pair.producer()
    producer.ask("flood", THREADS, 1000, events)
    chance = random.Random(seed)  # noqa: S311 - not a secret
    for _ in range(kills):
        kill_while_starting(pair, chance)
        sidecar = pair.sidecar()
        pids.append(sidecar.ready_pid)
        kill_after(sidecar, chance.uniform(0.0, 1.0))
    assert len(set(pids)) == kills
    pair.ready_sidecar()
    logged = producer.ask("stop_flood")["logged"]
    assert sum(logged) >= events
    producer.wait_for_durable(sum(logged))
    assert producer.end() == 0
    assert pair.wait_for_closing(producer.log)["outcome"] == "clean"
    check_each_once(producer, logged)
    code, printed, _ = pair.verify()
    assert code == 0, printed


def kill_while_starting(pair: Pair, chance: random.Random) -> None:
    """Every third time or so, another life dies before or while it takes up the log."""
    if chance.random() < 1 / 3:
        kill_after(pair.sidecar(), chance.uniform(0.1, 0.6))


def kill_after(sidecar: Sidecar, seconds: float) -> None:
    threading.Event().wait(seconds)
    sidecar.kill()
    assert sidecar.wait() == -signal.SIGKILL


def check_each_once(producer: Producer, logged: list[int]) -> None:
    records = logs.read(producer.log)
    assert logs.gaps(records) == []
    by_thread = sorted(logs.events(records), key=itemgetter("thread"))
    for thread, events in groupby(by_thread, key=itemgetter("thread")):
        assert [event["n"] for event in events] == list(range(1, logged[thread] + 1))
    assert len(by_thread) == sum(logged)


def test_without_a_sidecar_the_newest_5000_are_kept_and_the_rest_is_one_gap(pair: Pair) -> None:
    producer = pair.producer()
    producer.ask("log", 1, 7000)
    status = producer.status()
    assert (status["pending"], status["dropped"], status["durable"]) == (5000, 2000, 0)
    assert not pair.audit.exists()
    producer.wait_for_state("absent")
    pair.ready_sidecar()
    status = producer.wait_for_durable(7000)
    assert (status["lost"], status["pending"], status["state"]) == (2000, 0, "recording")
    opening, gap, *rest = logs.read(producer.log)
    assert opening["message"] == "Log opened"
    assert logs.gaps([gap]) == [(1, 2000, "outbox full")]
    assert [record["n"] for record in rest] == list(range(2001, 7001))


def test_without_a_sidecar_16_mib_are_kept(pair: Pair) -> None:
    size, events, most = 12 * 1024, 2_000, 16 * 1024 * 1024
    producer = pair.producer()
    producer.ask("log", 1, events, size)
    status = producer.status()
    lost, kept = status["dropped"], status["pending"]
    assert lost + kept == events
    assert kept * size <= most < (kept + 1) * (size + 300)
    pair.ready_sidecar()
    assert producer.wait_for_durable(events)["lost"] == lost
    records = logs.read(producer.log)
    assert logs.gaps(records) == [(1, lost, "outbox full")]
    assert [(event["n"], len(event["text"])) for event in logs.events(records)] == [
        (n, size) for n in range(lost + 1, events + 1)
    ]


@over_both
def test_what_the_outbox_drops_in_a_second_outage_is_a_gap_in_the_middle(pair: Pair) -> None:
    producer = pair.producer()
    first = pair.ready_sidecar()
    producer.ask("log", 1, 100)
    producer.wait_for_durable(100)
    kill_after(first, 0)
    producer.ask("log", 101, 6000)
    second = pair.ready_sidecar()
    producer.wait_for_durable(6000)
    kill_after(second, 0)
    producer.ask("log", 6001, 6010)
    pair.ready_sidecar()
    assert producer.wait_for_durable(6010)["lost"] == 900
    records = logs.read(producer.log)
    assert logs.gaps(records) == [(101, 1000, "outbox full")]
    assert [event["n"] for event in logs.events(records)] == [*range(1, 101), *range(1001, 6011)]


@over_both
def test_a_stopped_sidecar_holds_up_no_call_and_loses_nothing(pair: Pair) -> None:
    producer = pair.producer()
    sidecar = pair.ready_sidecar()
    producer.ask("log", 1, 10)
    producer.wait_for_durable(10)
    sidecar.signal(signal.SIGSTOP)
    producer.wait_for_state("absent")
    # It answers while the sidecar is stopped: every call has returned.
    producer.ask("log", 11, 3010, 1024)
    status = producer.status()
    assert (status["state"], status["durable"], status["pending"]) == ("absent", 10, 3000)
    sidecar.signal(signal.SIGCONT)
    assert producer.wait_for_durable(3010)["lost"] == 0
    assert [event["n"] for event in logs.events(logs.read(producer.log))] == list(range(1, 3011))
