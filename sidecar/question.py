"""Asks a running sidecar something, with a deadline."""

import uuid

import zmq

from shared.errors import NoAnswerError
from shared.naming import Directories
from shared.transport import endpoint
from shared.wire import STATUS_QUESTION, Status, decode_status


def ask_status(directories: Directories, timeout_s: float = 1.0) -> Status:
    """The sidecar's status. Raises NoAnswerError when none answers within `timeout_s`."""
    with zmq.Context() as context, context.socket(zmq.DEALER) as dealer:
        dealer.set(zmq.LINGER, 0)
        dealer.connect(endpoint(directories.run, "ask"))
        request = uuid.uuid4().bytes
        dealer.send_multipart([request, STATUS_QUESTION])
        if not dealer.poll(int(timeout_s * 1000)):
            raise NoAnswerError(f"No sidecar answers at {directories.run}. Start one with: python -m shared.keeper")
        _, answer = dealer.recv_multipart()
        return decode_status(answer)
