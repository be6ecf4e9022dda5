"""The usual way to share a socket among threads: encode, and send under a lock with pyzmq, which lets go of the GIL."""

import threading
import time

import zmq

from shared.wire import Event, encode
from tests.benchmarks.alternatives import CATEGORY
from tests.benchmarks.alternatives.sending import RUN, Sending


class Logger(Sending):
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seq = 0

    def log(self, message: str, /, **extra: object) -> None:
        with self._lock:
            self._seq += 1
            event = Event(RUN, self._seq, time.time_ns() // 1000, "info", CATEGORY, "", message, extra)
            self.push.send(encode(event), zmq.DONTWAIT)
