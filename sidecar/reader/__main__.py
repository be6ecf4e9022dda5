"""`python -m sidecar.reader DIRECTORY`: the process that answers, on stdin and stdout, what is asked about the logs in it.

- The sidecar starts it, asks one thing after the other, and kills it when the disk does not answer in time.
- When stdin ends, the sidecar is gone or has no more questions, and this process ends at once, whatever it does.
- Events go first: it is nice.
"""

import os
import sys
import threading
import time
from hashlib import sha256
from pathlib import Path
from queue import SimpleQueue

import msgspec

from shared.errors import AuditError
from shared.printable import printable
from shared.questions import (
    MAX_MESSAGE,
    MAX_PIECE,
    Answer,
    Back,
    Bundle,
    Forth,
    Job,
    NotNow,
    OneLine,
    Piece,
    Preview,
    Progress,
    Question,
    Runs,
    Verify,
    Zip,
    ZipPiece,
    decode_question,
    encode,
)
from shared.streams import STDIN, STDOUT
from sidecar.reader.bundling import bundle
from sidecar.reader.framing import READY, read_frame, write_frame
from sidecar.reader.layout import Layouts
from sidecar.reader.one_line import one_line
from sidecar.reader.part_bytes import Opener
from sidecar.reader.previewing import preview
from sidecar.reader.run_list import run_list
from sidecar.reader.stretch import Stretches
from sidecar.reader.verifying import verify

_NICE = 10
# Somebody watches; more often would only cost.
_TOLD_EACH_S = 0.2


class Reader:
    """Answers about the logs in `directory`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._opener = Opener()
        self._layouts = Layouts(directory, self._opener)
        self._stretches = Stretches(self._layouts, self._opener, time.monotonic)
        self._told_at = 0.0
        self._zip = b""

    def answer(self, frame: bytes) -> Answer:
        """The answer to a question. Never raises: what cannot be answered says why."""
        try:
            return self._answer(decode_question(frame))
        except msgspec.DecodeError:
            return NotNow("unknown")
        except OSError as error:
            return NotNow("failed", reason=_reason(error))
        except AuditError as error:
            return NotNow("failed", reason=printable(str(error))[:MAX_MESSAGE])

    def _answer(self, question: Question) -> Answer:
        match question:
            case Runs():
                return run_list(self._directory)
            case Back():
                return self._stretches.back(question)
            case Forth():
                return self._stretches.forth(question)
            case OneLine():
                return one_line(question, self._layouts, self._opener)
            case Verify():
                return Job("", 0, 0, verdict=verify(question, self._directory, self._tell))
            case Preview():
                return preview(question.selection, self._directory, self._opener, time.monotonic)
            case Bundle():
                self._zip = bundle(question.selection, self._directory, self._tell)
                return Job("", 0, 0, zip=Zip(len(self._zip), sha256(self._zip).hexdigest()))
            case ZipPiece():
                return Piece(self._zip[question.skip : question.skip + MAX_PIECE])
            case Progress():
                # The sidecar itself knows.
                return NotNow("unknown")

    def _tell(self, done: int, total: int) -> None:
        if time.monotonic() - self._told_at >= _TOLD_EACH_S:
            self._told_at = time.monotonic()
            write_frame(STDOUT, encode(Job("", done, total)))


def main() -> int:
    """Answer until stdin ends."""
    if hasattr(os, "nice"):
        os.nice(_NICE)
    frames: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_listen, args=(frames,), daemon=True).start()
    reader = Reader(Path(sys.argv[1]))
    write_frame(STDOUT, READY)
    while True:
        write_frame(STDOUT, encode(reader.answer(frames.get())))


def _listen(frames: "SimpleQueue[bytes]") -> None:
    while (frame := read_frame(STDIN)) is not None:
        frames.put(frame)
    os._exit(0)


def _reason(error: OSError) -> str:
    name = f"{error.filename}: " if error.filename else ""
    return printable(f"{name}{error.strerror or type(error).__name__}")[: 2 * MAX_MESSAGE]


if __name__ == "__main__":
    main()
