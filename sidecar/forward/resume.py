"""Where to go on in a run, from what the stream holds of it and what the cursor remembers. Pure.

- What the stream holds counts: the cursor may be old, lost, or of before the stream lost its end.
- A stream that holds nothing of a run is believed to have held it and to have let it go (it keeps messages for a time, say)
  only where it is the very stream that the cursor was made with, and as far on as it was then.
"""

from typing import NamedTuple

from sidecar.forward.lane import Position


class Held(NamedTuple):
    """The last line that the stream holds of a run, and its sequence number there."""

    part: int
    line: int
    seq: int
    body: bytes


class Resume(NamedTuple):
    """Go on behind `line` of `part`, which ends at byte `offset`; None: its lines are to be counted."""

    part: int
    line: int
    offset: int | None
    seq: int


BEGINNING = Resume(1, 0, 0, 0)


def resume(remembered: Position | None, held: Held | None, stream_seq: int) -> Resume:
    """Where to go on. `remembered` is of this very stream, whose last sequence number is `stream_seq`."""
    if held is not None:
        fits = remembered is not None and remembered[:2] == held[:2]
        return Resume(held.part, held.line, remembered.offset if fits and remembered else None, held.seq)
    if remembered is not None and remembered.seq <= stream_seq:
        return Resume(*remembered[:3], seq=0)
    return BEGINNING
