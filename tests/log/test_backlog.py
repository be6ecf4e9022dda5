"""The queue to the writer: bounded in bytes, in order, ends when it is told to."""

import threading

from sidecar.backlog import FRAME_OVERHEAD, Backlog


def test_all_frames_are_taken_in_order_and_make_room() -> None:
    backlog = Backlog(1000)
    backlog.put([b"a", b"b"])
    backlog.put([b"c"])
    assert backlog.bytes == 3 + 3 * FRAME_OVERHEAD
    assert backlog.take(0) == [b"a", b"b", b"c"]
    # What was taken is being written, and still held.
    assert backlog.bytes == 3 + 3 * FRAME_OVERHEAD
    assert (backlog.take(0), backlog.bytes) == ([], 0)


def test_it_has_room_until_its_bytes_are_reached_and_still_takes_what_was_read() -> None:
    backlog = Backlog(1000)
    room = []
    for frame in (b"x" * (1000 - FRAME_OVERHEAD - 1), b"", b"more"):
        room.append(backlog.has_room)
        backlog.put([frame])
    assert [*room, backlog.has_room] == [True, True, False, False]
    assert len(backlog.take(0) or []) == 3
    assert not backlog.has_room
    assert backlog.take(0) == []
    assert backlog.has_room


def test_empty_frames_cost_something_too() -> None:
    backlog = Backlog(10 * FRAME_OVERHEAD)
    backlog.put([b""] * 10)
    assert not backlog.has_room


def test_after_its_end_it_gives_what_is_left_and_then_none() -> None:
    backlog = Backlog()
    backlog.put([b"last"])
    backlog.end()
    assert backlog.take(10) == [b"last"]
    assert backlog.take(10) is None
    assert backlog.take(10) is None


def taken_while(backlog: Backlog, act: threading.Thread) -> list[bytes] | None:
    act.start()
    taken = backlog.take(30)
    act.join()
    return taken


def test_a_waiting_taker_is_woken_by_a_frame_and_by_the_end() -> None:
    backlog = Backlog()
    assert taken_while(backlog, threading.Thread(target=backlog.put, args=([b"a"],))) == [b"a"]
    assert taken_while(backlog, threading.Thread(target=backlog.end)) is None


def test_many_frames_from_another_thread_arrive_once_and_in_order() -> None:
    backlog = Backlog(5000)
    frames = [b"%d" % number for number in range(5000)]

    def put() -> None:
        for start in range(0, 5000, 7):
            backlog.put(frames[start : start + 7])
        backlog.end()

    thread = threading.Thread(target=put)
    thread.start()
    taken: list[bytes] = []
    while (batch := backlog.take(30)) is not None:
        taken += batch
    thread.join()
    assert taken == frames
    assert backlog.bytes == 0
