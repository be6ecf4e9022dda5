"""What the link does when the sidecar asks for a number."""

from shared.wire import UNKNOWN_RUN, Ack, Event, Hello, Skipped, Upstream, decode_upstream
from tests.model.world import RUN, World


def connected(events: int) -> World:
    world = World()
    for number in range(events):
        world.log(str(number + 1))
    world.connect()
    world.notice()
    world.tick(0.0)
    return world


def sent(world: World) -> list[Upstream]:
    """What went into the pipe, without signs of life."""
    world.tick(0.0)
    frames = [decode_upstream(frame) for frame in world.pipe]
    world.pipe.clear()
    return [frame for frame in frames if isinstance(frame, Hello | Event | Skipped)]


def told(frames: list[Upstream]) -> list[object]:
    """Numbers of events, ranges of gaps, `hello`."""
    return [
        each.seq if isinstance(each, Event) else (each.first, each.last) if isinstance(each, Skipped) else "hello"
        for each in frames
    ]


def ask(seq: int, sidecar: str = "00000001", durable: int = 0) -> Ack:
    return Ack(RUN, durable, seq, sidecar)


def test_a_new_connection_begins_with_a_hello_that_tells_the_last_number() -> None:
    frames = sent(connected(3))
    assert told(frames) == ["hello", 1, 2, 3]
    assert isinstance(frames[0], Hello)
    assert frames[0].seq == 3


def test_only_what_is_not_acknowledged_is_sent_on_a_new_connection() -> None:
    world = connected(3)
    sent(world)
    world.hear(Ack(RUN, 2, 0, "00000001"))
    world.disconnect()
    world.connect()
    world.notice()
    world.notice()
    assert told(sent(world)) == ["hello", 3]


def test_what_becomes_durable_while_sending_again_is_due_is_not_called_missing() -> None:
    world = connected(3)
    sent(world)
    world.disconnect()
    world.connect()
    world.notice()
    world.notice()
    world.hear(Ack(RUN, 2, 0, "00000001"))
    assert told(sent(world)) == ["hello", 3]


def test_what_is_asked_for_is_sent_again_behind_a_hello() -> None:
    world = connected(4)
    sent(world)
    world.hear(ask(3, durable=2))
    assert told(sent(world)) == ["hello", 3, 4]


def test_what_the_same_sidecar_asks_for_a_third_time_is_sent_as_a_gap() -> None:
    world = connected(3)
    sent(world)
    for _ in range(2):
        world.hear(ask(2, durable=1))
        assert told(sent(world)) == ["hello", 2, 3]
    world.hear(ask(2, durable=1))
    assert told(sent(world)) == ["hello", (2, 2), 3]


def test_questions_of_different_sidecars_or_for_different_numbers_are_not_added_up() -> None:
    world = connected(3)
    sent(world)
    for sidecar in ("00000001", "00000002", "00000003", "00000004"):
        world.hear(ask(1, sidecar))
        assert told(sent(world)) == ["hello", 1, 2, 3]
    for _ in range(3):
        for seq in (1, 2):
            world.hear(ask(seq))
            assert (seq, seq) not in told(sent(world))


def test_a_sidecar_that_does_not_know_the_run_gets_a_hello_and_all_that_is_not_acknowledged() -> None:
    world = connected(3)
    sent(world)
    world.hear(Ack(RUN, 1, 0, "00000001"))
    world.hear(Ack(RUN, 0, 0, "00000002", part=UNKNOWN_RUN))
    assert told(sent(world)) == ["hello", 2, 3]
    assert world.recorder.outbox.durable == 1


def test_without_a_connection_a_question_waits_for_one() -> None:
    world = connected(2)
    sent(world)
    world.disconnect()
    world.notice()
    world.hear(ask(1))
    world.tick(0.0)
    assert not world.pipe
    world.connect()
    world.notice()
    assert told(sent(world)) == ["hello", 1, 2]


def test_a_full_pipe_delays_the_hello_and_what_follows_it() -> None:
    world = connected(2)
    world.pipe.extend([world.pipe[0]] * 12)
    world.hear(ask(1))
    world.tick(0.0)
    world.pipe.clear()
    assert told(sent(world)) == ["hello", 1, 2]
