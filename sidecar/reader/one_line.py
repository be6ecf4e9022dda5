"""One line, whole, and its place in the chain. Only reads."""

from shared.chain import GENESIS, head_of
from shared.questions import MAX_PIECE, NotNow, OneLine, WholeLine
from sidecar.log_line import parse
from sidecar.reader.layout import Layouts, Segment
from sidecar.reader.part_bytes import Opener
from sidecar.reader.steps import BLOCK, Read, backward, forward


def one_line(question: OneLine, layouts: Layouts, opener: Opener) -> WholeLine | NotNow:
    """The line asked for. Raises OSError."""
    segments = layouts.of(question.run)
    index = next((index for index, each in enumerate(segments) if each.part == question.place.part), -1)
    if index < 0:
        return NotNow("gone")
    segment = segments[index]
    with opener.open_part(segment.path) as opened:
        begin, end = question.place.offset, segment.end(opened)
        found = next(forward(opened.read, begin, end), None)
        if found is None or not found.raw or (begin and opened.read(begin - 1, begin) != b"\n"):
            return NotNow("gone")
        raw = found.raw
        before = next(backward(opened.read, begin), None)
        behind = next(forward(opened.read, found.end, end), None)
        number = _newlines(opened.read, begin) + 1
    head, prev = head_of(raw), _prev_of(raw)
    before_head = head_of(before.raw) if before else _last_head(segments[:index], opener)
    return WholeLine(
        piece=raw[question.skip : question.skip + MAX_PIECE],
        size=len(raw),
        file=segment.path.name,
        number=number,
        hash=head,
        prev=prev,
        follows=None if before_head is None else before_head == prev,
        followed=None if behind is None else _prev_of(behind.raw) == head,
    )


def _last_head(segments: list[Segment], opener: Opener) -> str | None:
    """The hash of the last line of `segments`; None when they have none."""
    if not segments:
        return GENESIS
    with opener.open_part(segments[-1].path) as opened:
        step = next(backward(opened.read, segments[-1].end(opened)), None)
    return head_of(step.raw) if step else None


def _prev_of(raw: bytes) -> str:
    line = parse(raw)
    return line.prev if line else ""


def _newlines(read: Read, end: int) -> int:
    return sum(read(start, min(start + BLOCK, end)).count(b"\n") for start in range(0, end, BLOCK))
