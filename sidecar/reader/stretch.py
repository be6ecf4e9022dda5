"""What stands before or behind a place of a log, as much of it as a slice of time allows. Only reads."""

from collections.abc import Callable, Iterator

from shared.questions import Back, Forth, NotNow, Place, Stretch
from sidecar.reader.gather import Gathered
from sidecar.reader.layout import Layouts, Segment, oldest_event
from sidecar.reader.part_bytes import Opener
from sidecar.reader.steps import Step, backward, forward

# Of the second that somebody waits for an answer.
SLICE_S = 0.35
# Who begins to look waits for the rows. What is counted beside them can go on with the next question.
FIRST_SLICE_S = 0.1
# Between two looks at the clock.
_LINES = 256
_NOWHERE = Place(1, 0)
_CHANGED = Stretch(
    [], _NOWHERE, _NOWHERE, complete=False, skipped=False, reached="", width=0, tallies=[], gaps=[], lost=0, unread=0,
    changed=True,
)  # fmt: skip


class Stretches:
    """Answers `Back` and `Forth` about the logs of a directory."""

    def __init__(self, layouts: Layouts, opener: Opener, clock: Callable[[], float]) -> None:
        self._layouts = layouts
        self._opener = opener
        self._clock = clock

    def back(self, question: Back) -> Stretch | NotNow:
        """What stands before a place. Raises OSError."""
        begun = self._clock()
        segments = self._layouts.of(question.run)
        if not segments:
            return NotNow("gone")
        index, offset = self._begin(segments, question)
        if index < 0:
            return _CHANGED
        oldest = oldest_event(question.wanted.since)
        gathered = Gathered(question.wanted, question.rows, tally=question.tally)
        low = high = question.before or Place(segments[index].part, 0)
        for count, (part, step) in enumerate(self._backward(segments[: index + 1], offset, gathered), 1):
            low = Place(part, step.begin)
            high = Place(part, step.end) if count == 1 and question.before is None else high
            line = gathered.take(low, step.raw, back=True)
            if line is not None and line.seq is not None and line.ts < oldest:
                break
            has_all_rows = gathered.skipped
            slice_s = FIRST_SLICE_S if has_all_rows and question.before is None else SLICE_S
            is_over = count % _LINES == 0 and self._clock() > begun + slice_s
            if is_over or (has_all_rows and not question.tally):
                return gathered.answer(low, high, complete=False)
        return gathered.answer(low, high, complete=True)

    def forth(self, question: Forth) -> Stretch | NotNow:
        """What stands behind a place. Raises OSError."""
        until = self._clock() + SLICE_S
        segments = self._layouts.of(question.run)
        if not segments:
            return NotNow("gone")
        index = self._find(segments, question.behind)
        if index < 0:
            return _CHANGED
        gathered = Gathered(question.wanted, question.rows, tally=True)
        high = question.behind
        for count, (part, step) in enumerate(self._forward(segments[index:], high.offset, gathered), 1):
            gathered.take(Place(part, step.begin), step.raw, back=False)
            high = Place(part, step.end)
            if count % _LINES == 0 and self._clock() > until:
                return gathered.answer(question.behind, high, complete=False)
        return gathered.answer(question.behind, high, complete=True)

    def _begin(self, segments: list[Segment], question: Back) -> tuple[int, int | None]:
        """The index of the segment to begin in, and the offset in it (None: its end); -1 where the log has changed."""
        if question.before is not None:
            return self._find(segments, question.before), question.before.offset
        if question.wanted.until:
            return self._layouts.find_end(segments, question.wanted.until)
        return len(segments) - 1, None

    def _find(self, segments: list[Segment], place: Place) -> int:
        """The index of the segment in which `place` is where a line begins, or could; -1: in none."""
        for index, segment in enumerate(segments):
            if segment.part == place.part:
                with self._opener.open_part(segment.path) as opened:
                    fits = place.offset <= segment.end(opened)
                    begins = place.offset == 0 or opened.read(place.offset - 1, place.offset) == b"\n"
                return index if fits and begins else -1
        return -1

    def _backward(self, segments: list[Segment], offset: int | None, gathered: Gathered) -> Iterator[tuple[int, Step]]:
        for segment in reversed(segments):
            with self._opener.open_part(segment.path) as opened:
                gathered.unread += opened.broken
                for step in backward(opened.read, segment.end(opened) if offset is None else offset):
                    yield segment.part, step
            offset = None

    def _forward(self, segments: list[Segment], offset: int, gathered: Gathered) -> Iterator[tuple[int, Step]]:
        for segment in segments:
            with self._opener.open_part(segment.path) as opened:
                gathered.unread += opened.broken
                for step in forward(opened.read, offset, segment.end(opened)):
                    yield segment.part, step
            offset = 0
