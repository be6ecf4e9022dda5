"""What would be in a bundle, as far as it can be looked at while somebody waits for the answer. Only reads."""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import msgspec

from shared.printable import printable
from shared.questions import MAX_FIELDS, MAX_FILES, MAX_SAMPLE, MAX_SAMPLES, PlannedFile, Previewed, Sample, Selection
from sidecar.bundle.contents import FACTS, READ_ME, VERDICT, copies
from sidecar.bundle.redaction import Redaction
from sidecar.parts import Log
from sidecar.reader.bundling import redaction_of
from sidecar.reader.part_bytes import Opener
from sidecar.reader.run_list import logs_of
from sidecar.reader.steps import backward

# Of the second that somebody waits for an answer, for all logs together.
SLICE_S = 0.35
# Of each log.
_MOST_LINES = 500
_LONGEST_NAME = 60
# By these the log hangs together; without them support would see nothing.
_NEEDED = frozenset({"ts", "seq", "last", "prev", "lost_from", "lost_to"})

_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
# Takes out of a line what every redaction does.
_nothing = Redaction()


def preview(selection: Selection, directory: Path, opener: Opener, clock: Callable[[], float]) -> Previewed:
    """Look at the newest lines of each log. Raises OSError, SettingsError where there is no such log."""
    redaction = redaction_of(selection)
    logs = logs_of(selection.runs, directory)
    looked = _Looked(redaction)
    most = max(MAX_SAMPLES // len(logs), 1)
    for log in logs:
        looked.begin(most)
        until = clock() + SLICE_S / len(logs)
        for raw in islice(_newest(log, opener), _MOST_LINES):
            looked.take(raw)
            if clock() > until:
                break
    files = [PlannedFile(copy.name, copy.path.stat().st_size) for log in logs for copy in copies(log, redaction)]
    added = [PlannedFile(name, 0) for name in (VERDICT, FACTS, READ_ME)]
    return looked.answer([*added, *files[: MAX_FILES - len(added)]], max(len(files) + len(added) - MAX_FILES, 0))


class _Looked:
    """What was seen of the lines so far."""

    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction
        self._lines = self._changed = 0
        self._samples: list[Sample] = []
        self._others: list[Sample] = []
        self._room = 0
        self._names: Counter[str] = Counter()

    def begin(self, most: int) -> None:
        """Begin with another log, of which there may be `most` samples."""
        self._room = most

    def take(self, raw: bytes) -> None:
        """Look at a line."""
        self._lines += 1
        self._names.update(_names(raw))
        after = self._redaction(raw) if self._redaction else raw
        if self._redaction and after != _nothing(raw):
            self._changed += 1
            if self._room and len(self._samples) < MAX_SAMPLES:
                self._room -= 1
                self._samples.append(Sample(_shown(raw), _shown(after)))
        elif len(self._others) < MAX_SAMPLES:
            self._others.append(Sample(_shown(raw), _shown(after) if after != raw else ""))

    def answer(self, files: list[PlannedFile], more_files: int) -> Previewed:
        """All of it."""
        fields = [name for name, _ in self._names.most_common(MAX_FIELDS)]
        return Previewed(files, more_files, self._samples or self._others, self._lines, self._changed, fields)


def _newest(log: Log, opener: Opener) -> Iterator[bytes]:
    for path in reversed(log.parts.values()):
        with opener.open_part(path) as opened:
            for step in backward(opened.read, opened.size):
                yield step.raw


def _names(raw: bytes) -> Iterator[str]:
    try:
        record = _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # It has no names; of such a line nothing is sent.
        return
    for name in record:
        if name not in _NEEDED and len(name) <= _LONGEST_NAME and name.isprintable():
            yield name


def _shown(line: bytes) -> str:
    text = printable(line[:MAX_SAMPLE].decode("utf-8", "backslashreplace"))
    return text.encode()[:MAX_SAMPLE].decode("utf-8", "ignore") + ("…" if len(line) > MAX_SAMPLE else "")
