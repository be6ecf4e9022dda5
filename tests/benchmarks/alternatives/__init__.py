"""Ways to record an event in a file, each measured in a process of its own.

All record the same: a time, a category, a message and three extras, as one JSON object a line. A module here offers `Logger`.
"""

import importlib
from pathlib import Path
from typing import Protocol, cast

CATEGORY = "tool_run"

OURS = "datatools-audit"
FLOOR = "floor: a bare pyzmq NOBLOCK send"
LOCKED = "pyzmq send under a lock"
PREDECESSOR = "deque(5000) and a writer thread"
QUEUE_HANDLER = "QueueHandler/QueueListener"
LOGURU = "loguru, enqueue=True"
OPENTELEMETRY = "OpenTelemetry BatchLogRecordProcessor"

MODULES = {
    OURS: "datatools",
    FLOOR: "floor",
    LOCKED: "locked_send",
    PREDECESSOR: "predecessor",
    QUEUE_HANDLER: "queue_handler",
    LOGURU: "loguru_enqueue",
    "structlog": "structlog_file",
    "picologging": "picologging_queue",
    OPENTELEMETRY: "opentelemetry_batch",
    "synchronous write": "synchronous",
}


class Alternative(Protocol):
    def start(self, directory: Path) -> None:
        """Begin to record in files in `directory`."""
        raise NotImplementedError

    def log(self, message: str, /, **extra: object) -> None:
        """What is measured: record one event."""
        raise NotImplementedError

    def flush(self) -> None:
        """Return when everything logged so far has left this process."""
        raise NotImplementedError

    def stop(self) -> None:
        """End what was begun."""
        raise NotImplementedError


def load(name: str) -> Alternative:
    """An alternative that has not begun. Raises ModuleNotFoundError when its package is not installed."""
    module = importlib.import_module(f"{__name__}.{MODULES[name]}")
    return cast("Alternative", module.Logger())
