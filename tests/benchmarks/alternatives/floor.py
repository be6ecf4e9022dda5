"""The floor: what pyzmq needs to take bytes that are ready. Records nothing."""

import zmq

from tests.benchmarks.alternatives.sending import FRAME, Sending


class Logger(Sending):
    def log(self, message: str, /, **extra: object) -> None:  # noqa: ARG002 - ready bytes
        self.push.send(FRAME, zmq.DONTWAIT)
