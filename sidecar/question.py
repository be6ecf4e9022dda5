"""Asks a running sidecar something, with a deadline. Whatever else comes than the answer is not listened to."""

import time
import uuid

import msgspec
import zmq

from shared import settings
from shared.errors import AuditError, NoAnswerError
from shared.naming import Directories
from shared.transport import Meeting, meet
from shared.wire import STATUS_QUESTION, Status, decode_status
from sidecar.context import interruptible_context

# What cannot be decoded may say of itself as much as it likes.
REASON_MAX = 200


def ask_status(directories: Directories, timeout_s: float = 1.0) -> Status:
    """The sidecar's status. Raises NoAnswerError when none answers within `timeout_s`, AuditError for one not to be asked."""
    status = None
    try:
        with meet(directories.run, settings.transport()) as meeting:
            status = _ask(meeting, timeout_s)
    except FileNotFoundError:
        # No sidecar has made it yet.
        pass
    except msgspec.DecodeError as error:
        reason = str(error)[:REASON_MAX]
        raise AuditError(
            f"The sidecar at {directories.run} is of another version than this command: {reason}"
        ) from error
    if status is None:
        raise NoAnswerError(f"No sidecar answers at {directories.run}. Start one with: python -m shared.keeper")
    return status


def _ask(meeting: Meeting, timeout_s: float) -> Status | None:
    with interruptible_context() as context, context.socket(zmq.DEALER) as dealer:
        dealer.set(zmq.LINGER, 0)
        meeting.connect(dealer, "ask")
        request = uuid.uuid4().bytes
        dealer.send_multipart([request, STATUS_QUESTION])
        deadline = time.monotonic() + timeout_s
        strange = None
        while (left := deadline - time.monotonic()) > 0 and dealer.poll(int(left * 1000) + 1):
            found, *answer = dealer.recv_multipart()
            try:
                if found == request and len(answer) == 1:
                    return decode_status(answer[0])
            except msgspec.DecodeError as error:
                # The true one may be on its way.
                strange = error
        if strange is not None:
            raise strange
        return None
