"""Makes an answer of the lines that are looked at, one after the other, in either direction. Pure."""

from collections import deque

import msgspec

from shared.printable import printable
from shared.questions import (
    MAX_GAPS,
    MAX_MESSAGE,
    MAX_REASON,
    MAX_ROWS_BYTES,
    Gap,
    Place,
    Row,
    Stretch,
    Wanted,
    encode,
)
from shared.wire import LastSeq, Seq
from sidecar.query.lines import Filter, Line, read
from sidecar.reader.tally import Tallies

# A word of a line that somebody wrote may be as long as the line.
_MAX_WORD = 60


class _GapRecord(msgspec.Struct, frozen=True):
    lost_from: Seq
    lost_to: LastSeq
    last: LastSeq
    reason: str = ""
    # An event has one, and extras of any name.
    seq: None = None

    @property
    def events(self) -> int:
        return max(self.lost_to - self.lost_from + 1, 0)


_decode_gap = msgspec.json.Decoder(_GapRecord).decode


class Gathered:
    """`most` rows at most, of those looked at first (going back) or last (going forth)."""

    def __init__(self, wanted: Wanted, most: int, *, tally: bool) -> None:
        self._filter = Filter(
            frozenset(wanted.categories), frozenset(wanted.levels), frozenset(wanted.sessions),
            wanted.since, wanted.until, wanted.text,
        )  # fmt: skip
        self._in_time = Filter(since=wanted.since, until=wanted.until)
        self._most = most
        self._tallies = Tallies() if tally else None
        self._rows: deque[Row] = deque()
        self._bytes = 0
        self._gaps: list[Gap] = []
        self.lost = 0
        self.unread = 0
        self.skipped = False
        self.reached = ""

    def take(self, place: Place, raw: bytes, *, back: bool) -> Line | None:
        """Look at a line; None when it is none."""
        line = read(raw)
        if line is None:
            self.unread += 1
            return None
        self.reached = line.ts
        gap = _gap_in(line, raw)
        if gap is not None and self._in_time.takes(line, raw):
            self.lost += gap.events
            if len(self._gaps) < MAX_GAPS:
                self._gaps.append(Gap(line.ts, gap.lost_from, gap.lost_to, _cut(gap.reason, MAX_REASON)))
        elif not self._filter.takes(line, raw):
            return line
        if self._tallies is not None:
            self._tallies.count(line)
        if not back:
            self._put_first(_row(place, line, gap))
        elif not self.skipped:
            self._put_last(_row(place, line, gap))
        return line

    def answer(self, low: Place, high: Place, *, complete: bool) -> Stretch:
        """What was found between `low` and `high`."""
        tallies = self._tallies.finish() if self._tallies else []
        rows = list(self._rows)
        return Stretch(
            rows, low, high, complete, self.skipped, self.reached, self._tallies.width if self._tallies else 0,
            tallies, self._gaps, self.lost, self.unread,
        )  # fmt: skip

    def _put_last(self, row: Row) -> None:
        self._bytes += len(encode(row))
        if len(self._rows) >= self._most or self._bytes > MAX_ROWS_BYTES:
            self.skipped = True
        else:
            self._rows.append(row)

    def _put_first(self, row: Row) -> None:
        self._bytes += len(encode(row))
        self._rows.appendleft(row)
        while len(self._rows) > self._most or self._bytes > MAX_ROWS_BYTES:
            self.skipped = True
            self._bytes -= len(encode(self._rows.pop()))


def _gap_in(line: Line, raw: bytes) -> _GapRecord | None:
    if line.seq is not None or b'"lost_from":' not in raw:
        return None
    try:
        return _decode_gap(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # Not as a sidecar writes it; `verify` says so.
        return None


def _row(place: Place, line: Line, gap: _GapRecord | None) -> Row:
    return Row(
        place, _cut(line.ts, _MAX_WORD), _cut(line.level, _MAX_WORD), _cut(line.category, _MAX_WORD),
        _cut(line.session, _MAX_WORD), _cut(line.message, MAX_MESSAGE), _number(line.seq), gap.events if gap else 0,
    )  # fmt: skip


def _number(seq: int | None) -> int:
    # What MessagePack can say; no GUI gives out such a number.
    return seq if seq is not None and 0 < seq < 2**63 else 0


def _cut(text: str, most: int) -> str:
    return printable(text if len(text) <= most else f"{text[:most]}…")
