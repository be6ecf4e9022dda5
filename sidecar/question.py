"""Asks a running sidecar something, with a deadline."""

import uuid

import msgspec
import zmq

from shared import settings
from shared.errors import AuditError, NoAnswerError
from shared.naming import Directories
from shared.transport import Meeting, meet
from shared.wire import STATUS_QUESTION, Status, decode_status


def ask_status(directories: Directories, timeout_s: float = 1.0) -> Status:
    """The sidecar's status. Raises NoAnswerError when none answers within `timeout_s`, AuditError for one not to be asked."""
    nobody = NoAnswerError(f"No sidecar answers at {directories.run}. Start one with: python -m shared.keeper")
    try:
        with meet(directories.run, settings.transport()) as meeting:
            answer = _ask(meeting, timeout_s)
    except FileNotFoundError:
        # No sidecar has made it yet.
        raise nobody from None
    if answer is None:
        raise nobody
    try:
        return decode_status(answer)
    except msgspec.DecodeError as error:
        raise AuditError(
            f"The sidecar at {directories.run} is of another version than this command: {error}"
        ) from error


def _ask(meeting: Meeting, timeout_s: float) -> bytes | None:
    with zmq.Context() as context, context.socket(zmq.DEALER) as dealer:
        dealer.set(zmq.LINGER, 0)
        meeting.connect(dealer, "ask")
        dealer.send_multipart([uuid.uuid4().bytes, STATUS_QUESTION])
        return dealer.recv_multipart()[-1] if dealer.poll(int(timeout_s * 1000)) else None
