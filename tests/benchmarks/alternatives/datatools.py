"""This project; a sidecar runs beside it."""

from pathlib import Path

from gui.audit import close, flush_audit_log, log_event
from tests.benchmarks.alternatives import CATEGORY

FLUSH_S = 60.0


class Logger:
    def start(self, directory: Path) -> None:
        """The environment says where."""

    def log(self, message: str, /, **extra: object) -> None:
        log_event(CATEGORY, message, **extra)  # type: ignore[arg-type] # none is named level

    def flush(self) -> None:
        assert flush_audit_log(FLUSH_S), "the sidecar did not acknowledge"

    def stop(self) -> None:
        close(FLUSH_S)
