"""The caller writes the line itself, without fsync."""

import json
import time
from pathlib import Path

from tests.benchmarks.alternatives import CATEGORY


class Logger:
    def start(self, directory: Path) -> None:
        self._file = (directory / "events.jsonl").open("ab", buffering=0)

    def log(self, message: str, /, **extra: object) -> None:
        event = {"ts": time.time(), "category": CATEGORY, "message": message, **extra}
        self._file.write(json.dumps(event, default=str).encode() + b"\n")

    def flush(self) -> None:
        """Each is written at once."""

    def stop(self) -> None:
        self._file.close()
