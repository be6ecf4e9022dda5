"""One line of a log, as far as recovery reads it. Pure."""

import msgspec

from shared.chain import GENESIS, SIDECAR_CATEGORY
from shared.wire import MAX_SEQ

# Bytes that are no line of a log may be no text, or brackets without end.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Line(msgspec.Struct, frozen=True):
    """The keys of a line that recovery needs."""

    prev: str
    category: str = ""
    seq: int = 0
    last: int = -1
    lost_from: object = None
    lost_to: object = None
    outcome: object = None
    why: object = msgspec.field(default=None, name="continues")

    @property
    def accounted(self) -> int:
        """The last sequence number accounted for with this line, -1 if it does not say."""
        return self.seq or self.last

    @property
    def continues(self) -> bool:
        """Whether this is the opening line of a part that goes on from another line than the last one before it."""
        return self.category == SIDECAR_CATEGORY and self.seq == 0 and self.why is not None

    def follows(self, last: int) -> bool:
        """Whether its number is one that can come behind `last`."""
        if self.seq:
            return self.seq == last + 1
        if self.lost_from is None:
            return self.last == last
        return self.lost_from == last + 1 and self.lost_to == self.last > last

    @property
    def closes(self) -> bool:
        """Whether this is a closing line."""
        return self.category == SIDECAR_CATEGORY and self.seq == 0 and isinstance(self.outcome, str)


_decode = msgspec.json.Decoder(Line).decode


def parse(line: bytes) -> Line | None:
    """The needed keys of a line, None if it is not one of ours."""
    try:
        found = _decode(str(line, "utf-8"))
    except UNREADABLE:
        # Whatever it is, it is not a line of a log; the caller decides what that means.
        return None
    return found if 0 <= found.accounted <= MAX_SEQ and len(found.prev) == len(GENESIS) else None
