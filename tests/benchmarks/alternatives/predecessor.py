"""The predecessor's design: a bounded deque, and a thread of the same process that writes."""

import json
import threading
import time
from collections import deque
from pathlib import Path

from tests.benchmarks.alternatives import CATEGORY

MOST = 5000


class Logger:
    def start(self, directory: Path) -> None:
        self._file = (directory / "events.jsonl").open("a", encoding="utf-8")
        self._events: deque[dict[str, object]] = deque(maxlen=MOST)
        self._wake, self._idle = threading.Event(), threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def log(self, message: str, /, **extra: object) -> None:
        self._events.append({"ts": time.time(), "category": CATEGORY, "message": message, **extra})
        self._wake.set()

    def flush(self) -> None:
        self._idle.clear()
        self._wake.set()
        self._idle.wait()

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()
        self._thread.join()
        self._file.close()

    def _write(self) -> None:
        while not self._stopping:
            self._wake.wait()
            self._wake.clear()
            while self._events:
                self._file.write(json.dumps(self._events.popleft(), default=str) + "\n")
            self._file.flush()
            self._idle.set()
