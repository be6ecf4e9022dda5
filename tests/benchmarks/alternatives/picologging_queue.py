"""picologging's QueueHandler and QueueListener. It takes no extras: the caller makes them part of the message."""

import json
from pathlib import Path
from queue import Queue

import picologging
from picologging.handlers import QueueHandler, QueueListener

from tests.benchmarks.alternatives import CATEGORY


class Logger:
    def start(self, directory: Path) -> None:
        self._queue: Queue[object] = Queue()
        file = picologging.FileHandler(str(directory / "events.jsonl"))
        file.setFormatter(picologging.Formatter('{"ts":%(created)f,"event":%(message)s}'))
        self._listener = QueueListener(self._queue, file)
        self._listener.start()
        self._logger = picologging.getLogger(__name__)
        self._logger.setLevel(picologging.INFO)
        self._logger.addHandler(QueueHandler(self._queue))

    def log(self, message: str, /, **extra: object) -> None:
        self._logger.info(json.dumps({"category": CATEGORY, "message": message, **extra}))

    def flush(self) -> None:
        self._queue.join()

    def stop(self) -> None:
        self._listener.stop()
