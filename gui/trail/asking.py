"""Asks the sidecar about logs, from a page's own thread and never for longer than a deadline."""

import contextlib
import socket
import uuid
from collections.abc import Iterator
from time import monotonic

import msgspec
import zmq

from gui.audit.link import spare_descriptors
from shared import settings
from shared.errors import AuditError, NoAnswerError
from shared.questions import Answer, Question, decode_answer, encode
from shared.transport import meet
from shared.wire import MAX_FRAME

# All questions of one drawing together. The sidecar says after 1.2 s that the disk hangs.
TIMEOUT_S = 1.5


class Conversation:
    """Questions to a sidecar, one after the other, until a deadline."""

    def __init__(self, dealer: "zmq.Socket[bytes]", deadline: float) -> None:
        self._dealer = dealer
        self._deadline = deadline

    @property
    def left_s(self) -> float:
        """How long there is still time to ask."""
        return self._deadline - monotonic()

    def ask(self, question: Question) -> Answer:
        """The answer. Raises NoAnswerError when none comes in time, AuditError when what comes is none."""
        request = uuid.uuid4().bytes
        self._dealer.send_multipart([request, encode(question)])
        while (left := self.left_s) > 0 and self._dealer.poll(int(left * 1000) + 1):
            found, *answer = self._dealer.recv_multipart()
            if found == request and len(answer) == 1:
                try:
                    return decode_answer(answer[0])
                except msgspec.DecodeError as error:
                    raise AuditError(
                        "The sidecar is of another version. Stop both and start them from one checkout."
                    ) from error
        raise NoAnswerError("The sidecar does not answer.")


@contextlib.contextmanager
def conversation(timeout_s: float = TIMEOUT_S) -> Iterator[Conversation]:
    """Meet the sidecar. Raises NoAnswerError where none ever ran, AuditError for one that is not to be asked, OSError."""
    deadline = monotonic() + timeout_s
    try:
        with (
            meet(settings.directories().run, settings.transport()) as meeting,
            _descriptors(),
            zmq.Context() as context,
            context.socket(zmq.DEALER) as dealer,
        ):
            dealer.set(zmq.LINGER, 0)
            dealer.set(zmq.MAXMSGSIZE, MAX_FRAME)
            meeting.connect(dealer, "ask")
            yield Conversation(dealer, deadline)
    except FileNotFoundError as error:
        raise NoAnswerError("No sidecar has been started yet.") from error


@contextlib.contextmanager
def _descriptors() -> Iterator[None]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as some, spare_descriptors(some):
        pass
    yield
