"""What is said of a log beside its redacted copy says no more than the copy does. Pure.

Notes and gaps quote lines of the log: of each such line both forms are compared, and what differs is not quoted.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from sidecar.bundle.redaction import REDACTED
from sidecar.verify.report import Gap, Note, Report

# The file and the number of a line.
Place = tuple[str, int]
# Fields whose words end a note, and those that the rest of it is made of.
_QUOTED = {"reason", "continues"}
_TOLD = {*_QUOTED, "lost_from", "lost_to", "last", "repaired_bytes", "deleted_run", "known"}

_decode = msgspec.json.Decoder(dict[str, Any]).decode


def quoted_places(report: Report) -> set[Place]:
    """The lines that a report quotes."""
    notes = {(note.file, note.line) for note in report.notes if note.line}
    return notes | {(gap.file, gap.line) for gap in report.gaps}


def retold(report: Report, lines: Mapping[Place, tuple[bytes, bytes]]) -> Report:
    """The report, for the bundle; `lines` are those it quotes, as they stand and redacted."""
    changed = {place: _changed(*forms) for place, forms in lines.items()}
    return replace(
        report,
        notes=[_note(each, changed.get((each.file, each.line))) if each.line else each for each in report.notes],
        gaps=[_gap(each, changed.get((each.file, each.line))) for each in report.gaps],
    )


def _changed(before: bytes, after: bytes) -> set[str] | None:
    """The fields that a report may tell whose values were redacted; None where that cannot be told."""
    try:
        old, new = _decode(before), _decode(after)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return {name for name in _TOLD & old.keys() if new.get(name, REDACTED) != old[name]}


def _note(note: Note, changed: set[str] | None) -> Note:
    if changed is not None and not changed:
        return note
    if changed is None or not changed <= _QUOTED or not note.quoted:
        return note._replace(text=REDACTED, quoted="")
    return note._replace(text=note.text.removesuffix(note.quoted) + REDACTED, quoted=REDACTED)


def _gap(gap: Gap, changed: set[str] | None) -> Gap:
    # Of its numbers the report's sums are made.
    return gap if changed is not None and not changed & _QUOTED else gap._replace(reason=REDACTED)
