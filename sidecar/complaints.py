"""What a command that reads logs could not do: said on stderr at once, and counted for its exit status."""

import sys
from pathlib import Path

from shared.errors import AuditError
from shared.printable import printable


class Complaints:
    """`cannot verify /home/you/x.jsonl: Permission denied`, where `doing` is `verify`."""

    def __init__(self, doing: str) -> None:
        self.count = 0
        self._doing = doing

    def __call__(self, path: Path | str, error: OSError | AuditError) -> None:
        """Say it."""
        self.count += 1
        reason = error.strerror if isinstance(error, OSError) else str(error)
        text = f"cannot {self._doing} {path}: {reason or type(error).__name__}"
        # A name that is no text is shown by its escapes.
        sys.stderr.write(f"{printable(text)}\n")
