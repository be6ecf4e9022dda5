"""Asks a running sidecar something, with a deadline."""

import uuid

import zmq

from shared import settings
from shared.errors import NoAnswerError
from shared.naming import Directories
from shared.transport import meet
from shared.wire import STATUS_QUESTION, Status, decode_status


def ask_status(directories: Directories, timeout_s: float = 1.0) -> Status:
    """The sidecar's status. Raises NoAnswerError when none answers within `timeout_s`, SettingsError for a setting."""
    none = NoAnswerError(f"No sidecar answers at {directories.run}. Start one with: python -m shared.keeper")
    try:
        meeting = meet(directories.run, settings.transport())
    except FileNotFoundError:
        raise none from None
    with zmq.Context() as context, context.socket(zmq.DEALER) as dealer:
        dealer.set(zmq.LINGER, 0)
        meeting.connect(dealer, "ask")
        request = uuid.uuid4().bytes
        dealer.send_multipart([request, STATUS_QUESTION])
        if not dealer.poll(int(timeout_s * 1000)):
            raise none
        _, answer = dealer.recv_multipart()
        return decode_status(answer)
