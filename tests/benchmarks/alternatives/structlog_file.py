"""structlog, which writes on the caller."""

from pathlib import Path

import structlog

from tests.benchmarks.alternatives import CATEGORY


class Logger:
    def start(self, directory: Path) -> None:
        self._file = (directory / "events.jsonl").open("a", encoding="utf-8")
        structlog.configure(
            processors=[structlog.processors.TimeStamper(fmt="iso"), structlog.processors.JSONRenderer()],
            logger_factory=structlog.WriteLoggerFactory(self._file),
            cache_logger_on_first_use=True,
        )
        self._logger = structlog.get_logger()

    def log(self, message: str, /, **extra: object) -> None:
        self._logger.info(message, category=CATEGORY, **extra)

    def flush(self) -> None:
        """Each is written at once."""

    def stop(self) -> None:
        self._file.close()
