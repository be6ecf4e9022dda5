"""A modelled JetStream stream: its rules about ids and expectations in nats-server's order, and what can befall it.

Expectations are looked at before the deduplication window (measured with nats-server 2.15.1). The window is by message id, over
all subjects. A leader that is lost takes with it what it had told nobody to be stored.
"""

from collections import Counter, deque
from random import Random
from typing import NamedTuple

import msgspec

from sidecar.forward.lane import (
    EXPECTED_ID,
    EXPECTED_SEQUENCE,
    EXPECTED_STREAM,
    MESSAGE_ID,
    WRONG_LAST_ID,
    WRONG_LAST_SEQUENCE,
    Message,
)

FULL = 10077


class Kept(NamedTuple):
    seq: int
    subject: str
    id: str
    body: bytes


class Stream:
    """`room`: how many messages fit in; `window_s`: for how long ids are remembered."""

    def __init__(self, window_s: float, room: int, tally: Counter[str]) -> None:
        self.name, self.created = "AUDIT", "2026-11-23T00:00:00Z"
        self.room = room
        self.has_leader = True
        self.last_seq = 0
        self.term = 0
        self.most_ids = 0
        # All that was ever kept, and what was let go of it.
        self.kept: list[Kept] = []
        self.gone: set[int] = set()
        self._window_s = window_s
        self._tally = tally
        self._last: dict[str, int] = {}
        self._ids: dict[str, int] = {}
        self._order: deque[tuple[float, str]] = deque()
        self._said = 0

    def publish(self, subject: str, message: Message, now: float) -> bytes:
        """The answer, as the server would write it."""
        headers = message.headers
        self._forget(now)
        if headers.get(EXPECTED_STREAM) != self.name:
            return _error(10060, "expected stream does not match")
        if EXPECTED_SEQUENCE in headers and int(headers[EXPECTED_SEQUENCE]) != self._last_of(subject):
            self._tally["refused: wrong last sequence"] += 1
            return _error(WRONG_LAST_SEQUENCE, f"wrong last sequence: {self._last_of(subject)}")
        if EXPECTED_ID in headers and headers[EXPECTED_ID] != (self.kept[-1].id if self.kept else ""):
            self._tally["refused: wrong last id"] += 1
            return _error(WRONG_LAST_ID, "wrong last msg ID")
        id_ = headers.get(MESSAGE_ID, "")
        if id_ in self._ids:
            self._tally["duplicates in the window"] += 1
            return msgspec.json.encode({"stream": self.name, "seq": self._ids[id_], "duplicate": True})
        if len(self.kept) - len(self.gone) >= self.room:
            self._tally["refused: full"] += 1
            return _error(FULL, "maximum messages exceeded")
        self.last_seq += 1
        self.kept.append(Kept(self.last_seq, subject, id_, message.body))
        self._last[subject] = self.last_seq
        if id_:
            self._ids[id_] = self.last_seq
            self._order.append((now, id_))
            self.most_ids = max(self.most_ids, len(self._ids))
        self._tally["stored"] += 1
        return msgspec.json.encode({"stream": self.name, "seq": self.last_seq})

    def say(self, answer_seq: int) -> None:
        """Somebody was told that this is stored, and with it all before."""
        self._said = max(self._said, answer_seq)

    def last(self, subject: str) -> Kept | None:
        """The last message under a subject."""
        seq = self._last_of(subject)
        return self.kept[seq - 1] if seq else None

    def lose_leader(self, chance: Random) -> None:
        """What nobody was told of may be lost."""
        self.has_leader = False
        self.term += 1
        while self.last_seq > self._said and chance.random() < 0.7:
            lost = self.kept.pop()
            self.last_seq -= 1
            self._ids.pop(lost.id, None)
            self._last.pop(lost.subject, None)
            for each in self.kept:
                if each.subject == lost.subject:
                    self._last[each.subject] = each.seq
            self._tally["stored, told nobody, and lost"] += 1

    def elect(self) -> None:
        self.has_leader = True

    def let_go(self, seqs: set[int]) -> None:
        """These are too old."""
        self.gone |= seqs
        self._tally["let go"] += len(seqs)

    def has_let_go(self, subject: str) -> bool:
        """Whether it held something under a subject and holds nothing of it."""
        return subject in self._last and not self._last_of(subject)

    def of(self, subject: str) -> list[Kept]:
        """All that was ever kept under a subject."""
        return [each for each in self.kept if each.subject == subject]

    def _last_of(self, subject: str) -> int:
        seq = self._last.get(subject, 0)
        return 0 if seq in self.gone else seq

    def _forget(self, now: float) -> None:
        while self._order and self._order[0][0] <= now - self._window_s:
            self._ids.pop(self._order.popleft()[1], None)


def _error(code: int, description: str) -> bytes:
    return msgspec.json.encode({"error": {"code": 400, "err_code": code, "description": description}, "seq": 0})
