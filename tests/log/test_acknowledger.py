"""Acknowledgements: the first at once, then coalesced, none forgotten."""

from shared.wire import Ack
from sidecar.acknowledger import EVERY, PERIOD_S, Acknowledger

ONE, TWO = "20261123T153000Z-a1b2c3d4", "20261123T153000Z-00000002"


def ack(durable: int, run: str = ONE, wanted: int = 0) -> Ack:
    return Ack(run, durable, wanted, "0badcafe")


def test_the_first_is_sent_at_once_and_the_next_is_held() -> None:
    acknowledger = Acknowledger()
    told = []
    for durable in (1, 2):
        sent = acknowledger.offer(ack(durable), 100.0 + durable / 1000, urgent=False)
        told.append((sent, acknowledger.is_holding))
    assert told == [(True, False), (False, True)]
    assert acknowledger.due(100.02) == []


def test_only_the_newest_is_sent_when_its_time_has_come() -> None:
    acknowledger = Acknowledger()
    for durable in range(1, 10):
        acknowledger.offer(ack(durable), 100.0, urgent=False)
    assert acknowledger.due(100.001 + PERIOD_S) == [ack(9)]
    assert acknowledger.due(101.0) == []
    assert not acknowledger.is_holding


def test_one_that_comes_after_the_period_goes_at_once_and_nothing_older_behind_it() -> None:
    acknowledger = Acknowledger()
    acknowledger.offer(ack(1), 100.0, urgent=False)
    acknowledger.offer(ack(2), 100.01, urgent=False)
    assert acknowledger.offer(ack(3), 100.1, urgent=False)
    assert acknowledger.due(200.0) == []


def test_urgent_ones_and_those_that_ask_go_at_once() -> None:
    acknowledger = Acknowledger()
    acknowledger.offer(ack(1), 100.0, urgent=False)
    assert acknowledger.offer(ack(2), 100.001, urgent=True)
    assert acknowledger.offer(ack(2, wanted=3), 100.002, urgent=False)
    assert not acknowledger.offer(ack(3), 100.003, urgent=False)


def test_five_hundred_events_are_not_kept_waiting() -> None:
    acknowledger = Acknowledger()
    acknowledger.offer(ack(1), 100.0, urgent=False)
    assert not acknowledger.offer(ack(EVERY), 100.001, urgent=False)
    assert acknowledger.offer(ack(EVERY + 1), 100.001, urgent=False)
    assert not acknowledger.offer(ack(2 * EVERY), 100.002, urgent=False)


def test_a_busy_run_gets_twenty_a_second() -> None:
    acknowledger = Acknowledger()
    sent = sum(acknowledger.offer(ack(each // 10), 100 + each / 1000, urgent=False) for each in range(1000))
    assert 15 <= sent <= 21


def test_runs_do_not_wait_for_each_other() -> None:
    acknowledger = Acknowledger()
    assert acknowledger.offer(ack(1), 100.0, urgent=False)
    assert acknowledger.offer(ack(1, TWO), 100.001, urgent=False)
    acknowledger.offer(ack(2), 100.002, urgent=False)
    acknowledger.offer(ack(2, TWO), 100.03, urgent=False)
    assert acknowledger.due(100.0505) == [ack(2)]
    assert acknowledger.due(100.06) == [ack(2, TWO)]


def test_a_closed_run_is_forgotten() -> None:
    acknowledger = Acknowledger()
    acknowledger.offer(ack(1), 100.0, urgent=False)
    acknowledger.offer(ack(2), 100.001, urgent=False)
    acknowledger.forget(ONE)
    acknowledger.forget(TWO)
    assert acknowledger.due(200.0) == []
    assert acknowledger.offer(ack(3), 100.002, urgent=False)
