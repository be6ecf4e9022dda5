"""The job `Bundle`: checks logs, and puts them into a zip that is held in memory. Only reads."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from shared.errors import AuditError
from shared.questions import MAX_ZIP, Selection
from sidecar.bundle.contents import Checked, write
from sidecar.bundle.redaction import Redaction
from sidecar.parts import fixed
from sidecar.reader.progress import Progress
from sidecar.reader.run_list import logs_of
from sidecar.verify import check_files

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class TooLargeError(AuditError):
    """The zip would be larger than what may be held."""


def bundle(selection: Selection, directory: Path, tell: Callable[[int, int], None], most: int = MAX_ZIP) -> bytes:
    """The zip; `tell` hears how many bytes of how many were read, each for the check and for the copy.

    Raises OSError, SettingsError where there is no such log, and TooLargeError for a zip of more than `most` bytes.
    """
    logs = [fixed(log) for log in logs_of(selection.runs, directory)]
    progress = Progress([path for log in logs for path in log.files.values()], tell, times=2)
    checked = [Checked(log, log.name, check_files(log, tell=progress.reach)) for log in logs]
    progress.begin_again()
    out = _Bounded(most)
    write(out, checked, redaction_of(selection), progress.reach)
    return out.getvalue()


def redaction_of(selection: Selection) -> Redaction:
    """What is to be taken out."""
    return Redaction(frozenset(selection.fields), selection.file_names)


class _Bounded(io.BytesIO):
    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def write(self, data: "ReadableBuffer", /) -> int:
        if self.tell() + memoryview(data).nbytes > self._most:
            raise TooLargeError(
                f"The zip would be larger than {self._most // 2**20} MiB. Choose fewer runs, or make it with: python -m sidecar bundle"
            )
        return super().write(data)
