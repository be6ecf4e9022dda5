"""The standard library's QueueHandler, with a QueueListener that writes JSON lines."""

import json
import logging
from logging.handlers import QueueHandler, QueueListener
from pathlib import Path
from queue import Queue

from tests.benchmarks.alternatives import CATEGORY


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        event = {"ts": record.created, "category": CATEGORY, "message": record.message, **record.__dict__["event"]}
        return json.dumps(event, default=str)


class Logger:
    def start(self, directory: Path) -> None:
        self._queue: Queue[logging.LogRecord] = Queue()
        file = logging.FileHandler(directory / "events.jsonl")
        file.setFormatter(JsonLines())
        self._listener = QueueListener(self._queue, file)
        self._listener.start()
        self._logger = logging.getLogger(__name__)
        self._logger.setLevel(logging.INFO)
        self._logger.propagate = False
        self._logger.addHandler(QueueHandler(self._queue))

    def log(self, message: str, /, **extra: object) -> None:
        self._logger.info(message, extra={"event": extra})

    def flush(self) -> None:
        self._queue.join()

    def stop(self) -> None:
        self._listener.stop()
