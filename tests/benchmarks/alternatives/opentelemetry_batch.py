"""OpenTelemetry's BatchLogRecordProcessor, whose exporter writes JSON lines."""

import time
from pathlib import Path

from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, ConsoleLogRecordExporter

from tests.benchmarks.alternatives import CATEGORY


class Logger:
    def start(self, directory: Path) -> None:
        self._file = (directory / "events.jsonl").open("a", encoding="utf-8")
        exporter = ConsoleLogRecordExporter(self._file, lambda record: record.to_json(indent=None) + "\n")
        self._provider = LoggerProvider(shutdown_on_exit=False)
        self._provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
        self._logger = self._provider.get_logger(__name__)

    def log(self, message: str, /, **extra: str | float) -> None:
        self._logger.emit(
            LogRecord(
                timestamp=time.time_ns(),
                severity_number=SeverityNumber.INFO,
                body=message,
                attributes={"category": CATEGORY, **extra},
            )
        )

    def flush(self) -> None:
        self._provider.force_flush()

    def stop(self) -> None:
        self._provider.shutdown()
        self._file.close()
