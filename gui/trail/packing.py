"""A bundle that is asked for: what would be in it; then its zip, made by the sidecar and fetched from there piece by piece."""

from dataclasses import dataclass, field
from hashlib import sha256

import msgspec

from gui.trail.asking import Conversation
from gui.trail.inquiry import Inquiry, Watched
from shared.errors import AuditError
from shared.questions import (
    Bundle,
    NotNow,
    Piece,
    Preview,
    Previewed,
    Selection,
    Zip,
    ZipPiece,
    decode_question,
    encode,
)

# Of a drawing's time, so much is left for the answer to the last question.
_ANSWER_S = 0.5


def fits(selection: Selection) -> bool:
    """Whether there is room for it in a question. Pure."""
    frame = encode(Bundle(selection))
    try:
        return decode_question(frame) == Bundle(selection)
    except msgspec.DecodeError:
        return False


@dataclass
class Previewing(Inquiry):
    """Asks what would be in the bundle of `selection`."""

    selection: Selection
    answer: Previewed | None = field(default=None, init=False)

    @property
    def is_over(self) -> bool:
        """Whether it is known."""
        return self.answer is not None

    def _go_on(self, talk: Conversation, now: float) -> None:
        answer = talk.ask(Preview(self.selection))
        if isinstance(answer, Previewed):
            self.answer, self.trouble = answer, None
        else:
            self._refuse(answer, now)


class Packing(Watched):
    """The job that makes the bundle of `selection`. In the end its bytes are `data`, at most MAX_ZIP of them."""

    def __init__(self, selection: Selection, name: str) -> None:
        super().__init__(Bundle(selection))
        self.selection = selection
        self.name = name
        self.data: bytes | None = None
        self._fetched = bytearray()

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.data is not None or (self.job is not None and bool(self.job.trouble))

    @property
    def fetched(self) -> int:
        """How many bytes of the zip are here."""
        return len(self._fetched)

    def _go_on(self, talk: Conversation, now: float) -> None:
        if self.job is None or self.job.zip is None:
            self._fetched.clear()
            super()._go_on(talk, now)
        else:
            self._fetch(talk, now, self.job.job, self.job.zip)

    def _fetch(self, talk: Conversation, now: float, job: str, made: Zip) -> None:
        while self.data is None and talk.left_s > _ANSWER_S:
            answer = talk.ask(ZipPiece(job, self.fetched))
            if answer == NotNow("gone"):
                # Nobody asked for too long, or another sidecar runs by now: once more.
                self.job = None
                return
            if not isinstance(answer, Piece):
                self._refuse(answer, now)
                return
            self._fetched += answer.piece
            if not answer.piece or self.fetched >= made.size:
                self._finish(made)
        self.trouble = None

    def _finish(self, made: Zip) -> None:
        data = bytes(self._fetched)
        self._fetched.clear()
        if sha256(data).hexdigest() != made.sha256:
            self.job = None
            raise AuditError("what came is not what the sidecar made")
        self.data = data
