"""A PUSH socket to another process that takes everything and forgets it."""

import subprocess
import sys
from pathlib import Path
from typing import IO, cast

import zmq

from shared.wire import Event, encode
from tests.benchmarks.alternatives import CATEGORY
from tests.support.waiting import ROOT

HIGH_WATER_MARK = 100_000
RUN = "20261123T153000Z-a1b2c3d4"
EXTRA: dict[str, object] = {"column": "city", "rows": 48_112, "share": 0.64}
# The bytes of the event that the others record.
FRAME = encode(Event(RUN, 1, 1_795_447_800_000_000, "info", CATEGORY, "", "Cleaned customers.csv", EXTRA))


class Sending:
    def start(self, directory: Path) -> None:
        address = f"ipc://{directory / 'sink'}"
        self._sink = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.alternatives.sink", address],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        cast("IO[bytes]", self._sink.stdout).readline()
        self._context = zmq.Context()
        self.push: zmq.Socket[bytes] = self._context.socket(zmq.PUSH)
        self.push.set(zmq.SNDHWM, HIGH_WATER_MARK)
        self.push.connect(address)
        self.push.poll(flags=zmq.POLLOUT)

    def flush(self) -> None:
        """ZeroMQ's own thread sends; it needs nobody."""

    def stop(self) -> None:
        self._context.destroy(linger=0)
        self._sink.communicate()
