"""The sidecar is absent, killed or stopped, and nothing is lost but what is declared."""

import signal
import threading

from tests.support import logs
from tests.support.processes import Pair, Sidecar
from tests.support.transports import over_both


def kill_after(sidecar: Sidecar, seconds: float) -> None:
    threading.Event().wait(seconds)
    sidecar.kill()
    assert sidecar.wait() == -signal.SIGKILL


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
    producer.wait_for_state("suspended")
    # It answers while the sidecar is stopped: every call has returned.
    producer.ask("log", 11, 3010, 1024)
    status = producer.status()
    assert (status["state"], status["durable"], status["pending"]) == ("suspended", 10, 3000)
    sidecar.signal(signal.SIGCONT)
    assert producer.wait_for_durable(3010)["lost"] == 0
    assert [event["n"] for event in logs.events(logs.read(producer.log))] == list(range(1, 3011))
