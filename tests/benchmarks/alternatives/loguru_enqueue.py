"""loguru with a queue and its thread."""

from pathlib import Path

from loguru import logger

from tests.benchmarks.alternatives import CATEGORY


class Logger:
    def start(self, directory: Path) -> None:
        logger.remove()
        logger.add(directory / "events.jsonl", enqueue=True, serialize=True)

    def log(self, message: str, /, **extra: object) -> None:
        logger.bind(category=CATEGORY, **extra).info(message)

    def flush(self) -> None:
        logger.complete()

    def stop(self) -> None:
        logger.remove()
