"""The pure parts: whatever is lost, late or doubled on the way, and whoever else writes, a stream that keeps JetStream's rules
holds each line of a run once and in order."""

import random
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.forward.cursor import BrokenCursorError, decode_cursor, encode_cursor
from sidecar.forward.extent import PartFile, Stretch, Told, extent, is_done
from sidecar.forward.lane import (
    EXPECTED_ID,
    EXPECTED_SEQUENCE,
    MESSAGE_ID,
    WRONG_LAST_ID,
    WRONG_LAST_SEQUENCE,
    Answer,
    Lane,
    Message,
    Next,
    Position,
    Refused,
    Stored,
    Unanswered,
)
from sidecar.forward.rate import Rate
from sidecar.forward.resume import Held, Resume, resume
from sidecar.forward.subject import LineId, host_token, message_id, parse_message_id

HOST, RUN = "desk-1", "20261123T153000Z-a1b2c3d4"
LINES = [b"line %d" % number for number in range(60)]


class Kept(NamedTuple):
    run: str
    id: str
    body: bytes


class Stream:
    """JetStream's rules about expectations, without a deduplication window; `room` messages fit in."""

    def __init__(self, room: int) -> None:
        self.kept: list[Kept] = []
        self.room = room

    def publish(self, run: str, message: Message) -> Answer:
        headers = message.headers
        last = max((seq for seq, kept in enumerate(self.kept, 1) if kept.run == run), default=0)
        if EXPECTED_SEQUENCE in headers and int(headers[EXPECTED_SEQUENCE]) != last:
            return Refused(WRONG_LAST_SEQUENCE, "wrong last sequence")
        if EXPECTED_ID in headers and (not self.kept or self.kept[-1].id != headers[EXPECTED_ID]):
            return Refused(WRONG_LAST_ID, "wrong last msg ID")
        if len(self.kept) >= self.room:
            return Refused(10077, "maximum messages exceeded")
        self.kept.append(Kept(run, headers[MESSAGE_ID], message.body))
        return Stored(len(self.kept))

    def held(self, run: str) -> Held | None:
        for seq, kept in reversed(list(enumerate(self.kept, 1))):
            if kept.run == run:
                found = parse_message_id(kept.id)
                assert found is not None
                return Held(found.part, found.line, seq, kept.body)
        return None


class Network:
    """Between a lane and a stream: loses messages and answers, delivers late, and lets another writer's come between."""

    def __init__(self, stream: Stream, chance: random.Random) -> None:
        self.trouble = chance.random() * 0.5
        self._stream = stream
        self._chance = chance
        self._late: list[Message] = []

    def publish(self, message: Message) -> Answer:
        if self._chance.random() < self.trouble:
            self._stream.kept.append(Kept("other", "x", b""))
            if self._late:
                self._stream.publish(RUN, self._late.pop(self._chance.randrange(len(self._late))))
        fate = self._chance.random()
        if fate < self.trouble / 3:
            self._late.append(message)
            return Unanswered("lost")
        answer = self._stream.publish(RUN, message)
        return answer if fate > self.trouble / 2 else Unanswered("its answer was lost")

    def calm(self) -> None:
        self.trouble *= 0.99


@given(st.integers(0, 2**32))
def test_whatever_is_lost_or_late_each_line_is_in_the_stream_once_and_in_order(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    stream = Stream(chance.choice([30, 1000]))
    network = Network(stream, chance)
    lane: Lane | None = None
    position = Position()
    for _ in range(400):
        if lane is None:
            # Sometimes without a cursor, or with an old one.
            remembered = chance.choice([None, position, Position()])
            part, line, _, seq = resume(remembered, stream.held(RUN), len(stream.kept))
            lane = Lane(HOST, RUN, "S", 16)
            lane.begin(Position(part, line, sum(len(each) + 1 for each in LINES[:line]), seq))
        messages = lane.burst(LINES[lane.position.line :][: lane.width])
        settled = lane.settle([network.publish(message) for message in messages])
        position = lane.position
        stream.room = max(stream.room, len(stream.kept) + chance.randrange(20))
        if settled.next is not Next.GO_ON or chance.random() < network.trouble / 10:
            lane = None
        network.calm()
    ours = [kept for kept in stream.kept if kept.run == RUN]
    assert [kept.body for kept in ours] == LINES
    assert [kept.id for kept in ours] == [message_id(HOST, RUN, 1, number) for number in range(1, len(LINES) + 1)]


def test_behind_a_refused_line_nothing_counts_and_bursts_get_shorter_and_longer_again() -> None:
    lane = Lane(HOST, RUN, "S", 64)
    assert lane.width == 16
    lane.burst(LINES[:4])
    collided = lane.settle([Stored(5), Refused(WRONG_LAST_ID, ""), Stored(9), Stored(10)])
    assert (collided.moved, collided.next, lane.width) == (1, Next.GO_ON, 8)
    assert lane.position == Position(1, 1, len(LINES[0]) + 1, 5)
    first, second = lane.burst(LINES[1:3])
    assert first.headers[EXPECTED_SEQUENCE] == "5"
    assert second.headers[EXPECTED_ID] == f"{HOST}.{RUN}.1.2"
    assert lane.settle([Stored(11), Stored(12)]).next is Next.GO_ON
    assert lane.width == 16
    lane.go_to(2)
    assert lane.burst(LINES[:1])[0].headers[MESSAGE_ID] == f"{HOST}.{RUN}.2.1"
    full = lane.settle([Refused(10077, "maximum bytes exceeded")])
    assert (full.next, full.reason) == (Next.WAIT, "maximum bytes exceeded")


@pytest.mark.parametrize(
    ("remembered", "held", "stream_seq", "found"),
    [
        (None, None, 0, Resume(1, 0, 0, 0)),
        (Position(2, 3, 99, 7), Held(2, 3, 7, b""), 9, Resume(2, 3, 99, 7)),
        (Position(2, 3, 99, 7), Held(2, 5, 8, b""), 9, Resume(2, 5, None, 8)),
        (Position(2, 3, 99, 7), Held(1, 5, 2, b""), 9, Resume(1, 5, None, 2)),
        (Position(2, 3, 99, 7), None, 9, Resume(2, 3, 99, 0)),
        (Position(2, 3, 99, 7), None, 6, Resume(1, 0, 0, 0)),
    ],
    ids=["nothing", "as remembered", "cursor is old", "stream lost its end", "let go by the stream", "stream lost all"],
)
def test_what_the_stream_holds_counts_more_than_the_cursor(
    remembered: Position | None, held: Held | None, stream_seq: int, found: Resume
) -> None:
    assert resume(remembered, held, stream_seq) == found


def test_only_what_is_durable_may_go() -> None:
    plain = [PartFile(1, compressed=False, size=10), PartFile(2, compressed=False, size=20)]
    first = Stretch(1, None, 10)
    assert extent(plain, None, None) == [first]
    assert extent(plain, None, 20) == [first, Stretch(2, 20, 20)]
    assert extent(plain, Told(2, 15), 20) == [first, Stretch(2, 15, 15)]
    assert extent(plain, Told(1, 8), None) == [Stretch(1, 8, 8)]
    assert extent(plain[:1], Told(2, 5), None) == [first, Stretch(2, 5, 5)]
    assert extent([*plain, plain[1]._replace(compressed=True)], None, None) == [first, Stretch(2, None, 20)]
    both = [*plain[:1], PartFile(1, compressed=True, size=10), PartFile(3, compressed=True, size=-1)]
    assert extent(both, None, None) == [first, Stretch(3, None, -1, compressed=True)]


def test_what_is_forwarded_to_its_end_is_done() -> None:
    stretches = [Stretch(1, None, 10), Stretch(2, 20, 20)]
    assert is_done(Position(2, 3, 20), stretches)
    assert not is_done(Position(2, 3, 19), stretches)
    assert not is_done(Position(1, 3, 10), stretches)
    assert is_done(Position(2, 3, 20), [Stretch(2, None, 20, compressed=True)])
    assert not is_done(Position(2, 3, 20), [Stretch(2, None, -1, compressed=True)])


def test_a_cursor_that_was_cut_or_changed_is_none() -> None:
    data = encode_cursor("S", "now", "audit.h.*", {RUN: Position(2, 3, 99, 7)})
    cursor = decode_cursor(data)
    assert cursor.positions() == {RUN: Position(2, 3, 99, 7)}
    assert cursor.is_of("S", "now", "audit.h.*")
    assert not cursor.is_of("S", "then", "audit.h.*")
    for broken in [b"", *(data[:at] for at in range(len(data))), data.replace(b"99", b"98"), b"x" + data]:
        with pytest.raises(BrokenCursorError):
            decode_cursor(broken)


def test_no_more_lines_go_than_the_rate_allows() -> None:
    rate, now, sent = Rate(1000, 0, 0.0), 0.0, 0
    while now < 10.0:
        now += rate.take(rate.most(256), 10**6, now) + 0.001
        sent += rate.most(256)
    assert 9_000 < sent <= 10_500
    assert Rate(0, 0, 0.0).take(10**6, 10**9, 0.0) == 0.0
    assert (rate.most(256), Rate(3, 0, 0.0).most(256), Rate(0, 0, 0.0).most(256)) == (125, 1, 256)


def test_no_more_bytes_go_than_the_rate_allows_however_long_the_lines() -> None:
    rate, now, sent = Rate(0, 80_000, 0.0), 0.0, 0
    sizes = [16_000, 300, 300, 9_000] * 64
    while now < 10.0:
        count = rate.fitting(sizes)
        now += rate.take(count, sum(sizes[:count]), now) + 0.001
        sent += sum(sizes[:count])
    assert 750_000 < sent <= 850_000
    # An eighth of a second's goes at once, or one line.
    assert [rate.fitting(each) for each in ([9_000, 900, 200], [16_000, 1], [], [1] * 9)] == [2, 1, 0, 9]


def test_names_are_safe_in_a_subject_and_ids_are_read_back() -> None:
    assert host_token("web-1.example.org") == "web-1-example-org"
    assert host_token("a b>*.") == "a-b"
    assert host_token("***") == "host"
    assert parse_message_id(message_id(HOST, RUN, 3, 14)) == LineId(HOST, RUN, 3, 14)
    for other in ("", RUN, f"{RUN}.0.1", f"{RUN}.1.0", f"{RUN}.1.1.1", "x.1.1", f"{RUN}.9999999999.1"):
        assert parse_message_id(f"{HOST}.{other}") is None
    assert parse_message_id(f"{RUN}.1.1") is None
