"""The outbox alone: what it holds, what it drops, what it sends next."""

import pytest

from gui.audit.outbox import OVERFLOW, REFUSED, Outbox, Skip
from shared.wire import MISSING


def frame(seq: int, size: int = 10) -> bytes:
    return b"%0*d" % (size, seq)


def filled(last: int, capacity: int = 8, capacity_bytes: int = 10_000, window: int = 10_000) -> Outbox:
    outbox = Outbox(capacity, capacity_bytes, window)
    for seq in range(1, last + 1):
        outbox.put(seq, frame(seq))
    return outbox


def send_all(outbox: Outbox) -> list[bytes | Skip]:
    sent = []
    while (item := outbox.next()) is not None:
        sent.append(item)
        outbox.told(item)
    return sent


def test_an_empty_outbox_has_nothing_to_send() -> None:
    outbox = Outbox()
    assert (outbox.next(), len(outbox), outbox.dropped, outbox.last) == (None, 0, 0, 0)
    assert outbox.acknowledge(0)
    assert outbox.acknowledge(7), "an acknowledgement of what was never given out is nothing"
    assert (outbox.durable, outbox.first, outbox.cursor) == (0, 1, 1)


def test_frames_are_sent_once_in_order() -> None:
    outbox = filled(5)
    assert send_all(outbox) == [frame(seq) for seq in range(1, 6)]
    assert outbox.next() is None


def test_what_is_durable_is_forgotten() -> None:
    outbox = filled(5)
    send_all(outbox)
    assert outbox.acknowledge(3)
    assert (len(outbox), outbox.durable, outbox.first, outbox.held_bytes, outbox.in_flight) == (2, 3, 4, 20, 20)
    assert outbox.acknowledge(3)
    assert outbox.acknowledge(1), "a late acknowledgement takes nothing back"
    assert (len(outbox), outbox.durable) == (2, 3)
    assert outbox.acknowledge(5)
    assert (len(outbox), outbox.held_bytes, outbox.in_flight) == (0, 0, 0)


def test_an_acknowledgement_is_taken_in_slices() -> None:
    outbox = filled(7)
    send_all(outbox)
    assert not outbox.acknowledge(7, most=3)
    assert (outbox.durable, outbox.first) == (3, 4)
    assert not outbox.acknowledge(7, most=3)
    assert outbox.acknowledge(7, most=3)
    assert (outbox.durable, len(outbox), outbox.in_flight) == (7, 0, 0)


def test_what_was_acknowledged_before_it_was_sent_again_is_not_sent() -> None:
    outbox = filled(5)
    send_all(outbox)
    outbox.rewind(1)
    assert outbox.acknowledge(3)
    assert send_all(outbox) == [frame(4), frame(5)]


def test_the_oldest_is_dropped_when_the_events_are_too_many() -> None:
    outbox = filled(11)
    assert (len(outbox), outbox.first, outbox.dropped, outbox.held_bytes) == (8, 4, 3, 80)
    assert send_all(outbox) == [Skip(1, 3, OVERFLOW), *(frame(seq) for seq in range(4, 12))]


def test_the_oldest_is_dropped_when_the_bytes_are_too_many() -> None:
    outbox = filled(7, capacity_bytes=55)
    assert (len(outbox), outbox.first, outbox.held_bytes) == (5, 3, 50)
    outbox.put(8, frame(8, 45))
    assert (len(outbox), outbox.first, outbox.held_bytes) == (2, 7, 55)


def test_an_event_larger_than_the_outbox_is_held_alone() -> None:
    outbox = filled(3, capacity_bytes=55)
    outbox.put(4, frame(4, 100))
    assert (len(outbox), outbox.first, outbox.held_bytes) == (1, 4, 100)
    outbox.put(5, frame(5))
    assert (len(outbox), outbox.held_bytes) == (1, 10)


def test_what_was_sent_before_it_was_dropped_may_still_be_acknowledged() -> None:
    outbox = filled(8)
    send_all(outbox)
    outbox.put(9, frame(9))
    outbox.put(10, frame(10))
    assert outbox.dropped == 2
    assert send_all(outbox) == [frame(9), frame(10)], "what was sent is not declared lost"
    assert outbox.acknowledge(10)
    assert (outbox.dropped, len(outbox), outbox.in_flight, outbox.held_bytes) == (0, 0, 0, 0)


def test_what_was_dropped_is_declared_when_it_is_to_be_sent_again() -> None:
    outbox = filled(8)
    send_all(outbox)
    outbox.put(9, frame(9))
    outbox.acknowledge(1)
    outbox.put(10, frame(10))
    outbox.rewind(2)
    assert send_all(outbox)[:2] == [Skip(2, 2, OVERFLOW), frame(3)]


def test_only_what_was_dropped_is_declared_though_more_is_dropped_later() -> None:
    outbox = filled(10)
    skip = outbox.next()
    assert skip == Skip(1, 2, OVERFLOW)
    outbox.told(skip)
    outbox.put(11, frame(11))
    assert outbox.next() == Skip(3, 3, OVERFLOW)


def test_no_more_than_the_window_is_in_flight() -> None:
    outbox = filled(8, window=25)
    assert send_all(outbox) == [frame(1), frame(2), frame(3)]
    outbox.acknowledge(1)
    assert send_all(outbox) == [frame(4)]
    outbox.acknowledge(4)
    assert send_all(outbox) == [frame(5), frame(6), frame(7)]


def test_what_is_put_is_sent_at_once_while_it_is_the_next_and_the_window_is_open() -> None:
    outbox, sent = Outbox(8, 10_000, 25), list[bytes]()

    def take(each: bytes) -> bool:
        sent.append(each)
        return True

    outbox.put(1, frame(1), None, lambda _: False)
    outbox.put(2, frame(2), None, take)
    assert (sent, outbox.cursor, outbox.in_flight) == ([], 1, 0)
    assert send_all(outbox) == [frame(1), frame(2)]
    for seq in range(3, 6):
        outbox.put(seq, frame(seq), None, take)
    assert (sent, outbox.cursor, outbox.in_flight) == ([frame(3)], 4, 30)
    outbox.acknowledge(3)
    assert send_all(outbox) == [frame(4), frame(5)]


def test_the_window_opens_again_after_a_rewind() -> None:
    outbox = filled(8, window=25)
    send_all(outbox)
    outbox.rewind(1)
    assert send_all(outbox) == [frame(1), frame(2), frame(3)]
    outbox.acknowledge(2)
    assert outbox.in_flight == 10


def test_the_window_does_not_shrink_for_ever_by_what_was_dropped_in_flight() -> None:
    outbox = filled(8, window=60)
    for seq in range(9, 400):
        send_all(outbox)
        outbox.put(seq, frame(seq))
        if seq % 5 == 0:
            # Everything that was sent arrived; what was dropped meanwhile arrived as well.
            outbox.acknowledge(outbox.cursor - 1)
    outbox.acknowledge(outbox.cursor - 1)
    assert outbox.in_flight == 0
    assert len(send_all(outbox)) >= min(len(outbox), 6)


def test_a_refused_frame_becomes_a_gap_of_one() -> None:
    outbox = filled(4)
    outbox.refuse(2)
    outbox.refuse(2)
    assert send_all(outbox) == [frame(1), Skip(2, 2, REFUSED), frame(3), frame(4)]
    outbox.acknowledge(4)
    assert (len(outbox), outbox.in_flight, outbox.held_bytes) == (0, 0, 0)


@pytest.mark.parametrize("seq", [0, 1, 2, 9, 10])
def test_refusing_what_is_not_held_changes_nothing(seq: int) -> None:
    outbox = filled(8)
    outbox.acknowledge(2)
    outbox.refuse(seq)
    outbox.rewind(3)
    assert send_all(outbox) == [frame(each) for each in range(3, 9)]


def test_what_was_acknowledged_and_is_asked_for_again_is_declared_missing() -> None:
    outbox = filled(6)
    send_all(outbox)
    outbox.acknowledge(4)
    outbox.rewind(2)
    assert send_all(outbox) == [Skip(2, 4, MISSING), frame(5), frame(6)]


def test_missing_overflow_and_rest_are_told_apart() -> None:
    outbox = filled(4)
    send_all(outbox)
    outbox.acknowledge(4)
    for seq in range(5, 15):
        outbox.put(seq, frame(seq))
    outbox.rewind(3)
    assert send_all(outbox) == [Skip(3, 4, MISSING), Skip(5, 6, OVERFLOW), *(frame(seq) for seq in range(7, 15))]


def test_a_rewind_beyond_the_last_number_sends_nothing() -> None:
    outbox = filled(3)
    outbox.rewind(100)
    assert outbox.next() is None
    outbox.put(4, frame(4))
    assert send_all(outbox) == [frame(4)]


def test_the_ring_serves_many_rounds() -> None:
    outbox = filled(0)
    for seq in range(1, 1001):
        outbox.put(seq, frame(seq))
        assert send_all(outbox) == [frame(seq)]
        if seq % 7 == 0:
            outbox.acknowledge(seq)
        assert outbox.held_bytes == 10 * len(outbox) <= 80
    assert outbox.dropped == 0


def test_what_is_dropped_while_the_window_is_full_is_one_gap_when_it_opens() -> None:
    outbox = filled(3, window=30)
    send_all(outbox)
    for seq in range(4, 40):
        outbox.put(seq, frame(seq))
        assert outbox.next() is None, "a gap for each of them"
    outbox.acknowledge(3)
    assert outbox.next() == Skip(4, outbox.first - 1, OVERFLOW)
