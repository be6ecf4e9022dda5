"""The job `Verify`: checks one log, says now and then how far it is, and puts what it found into an answer's bounds."""

from collections.abc import Callable, Iterable
from pathlib import Path

from shared.errors import SettingsError
from shared.naming import COMPRESSED
from shared.printable import printable
from shared.questions import MAX_FINDINGS, MAX_NOTES, MAX_TEXT, Damage, Note, Verdict, Verify
from sidecar.parts import find_logs
from sidecar.verify import check_files
from sidecar.verify.explain import Finding
from sidecar.verify.report import Note as Noted
from sidecar.verify.report import Report

# About what a part grows when it is decompressed; only for the progress.
_GROWTH = 5
# How the texts of a report's notes begin, and their kinds.
_KINDS = {
    "gap:": "gap", "torn tail:": "torn", "unfinished write:": "torn", "repair:": "repair", "the GUI vanished": "vanished",
}  # fmt: skip


def verify(question: Verify, directory: Path, tell: Callable[[int, int], None]) -> Verdict:
    """Check the log; `tell` hears how many bytes of how many were read. Raises OSError, SettingsError where there is none."""
    log = next((each for each in find_logs(directory) if each.run == question.run), None)
    if log is None:
        raise SettingsError("There is no log of this run")
    progress = _Progress(log.parts.values(), tell)
    return verdict(check_files(log, question.head, progress.reach), asked=bool(question.head))


def verdict(report: Report, *, asked: bool) -> Verdict:
    """What a report says, as an answer. Pure."""
    damages, notes = report.findings[:MAX_FINDINGS], report.notes[:MAX_NOTES]
    return Verdict(
        state=report.state,
        parts=report.parts,
        lines=report.lines,
        events=report.events,
        lost=report.lost,
        head=report.head,
        damages=[_damage(each) for each in damages],
        more_damages=len(report.findings) - len(damages) + report.more_findings,
        notes=[_note(each) for each in notes],
        more_notes=len(report.notes) - len(notes) + report.more_notes,
        sought=report.sought is not None if asked else None,
        since=report.since if report.sought else 0,
    )


class _Progress:
    """Adds up parts that are read one after the other; what is read beforehand of a later one does not reach a MiB."""

    def __init__(self, paths: Iterable[Path], tell: Callable[[int, int], None]) -> None:
        self._tell = tell
        self._sizes: dict[Path, int] = {}
        self._starts: dict[Path, int] = {}
        self._total = 0
        for path in paths:
            self._sizes[path] = path.lstat().st_size
            self._starts[path] = self._total
            self._total += self._sizes[path]
        tell(0, self._total)

    def reach(self, path: Path, read: int) -> None:
        """So many bytes of `path` have been read."""
        on_disk = read // _GROWTH if path.name.endswith(COMPRESSED) else read
        self._tell(self._starts[path] + min(on_disk, self._sizes[path]), self._total)


def _damage(finding: Finding) -> Damage:
    first, last = finding.first, finding.last
    until = last.number if last.file == first.file else first.number
    return Damage(finding.kind, _shown(first.file), first.number, until, _shown(finding.text))


def _note(note: Noted) -> Note:
    kind = next((kind for begin, kind in _KINDS.items() if note.text.startswith(begin)), "")
    return Note(kind, _shown(note.file), note.line, _shown(note.text))


def _shown(text: str) -> str:
    # A file's name may be no text.
    return printable(text[:MAX_TEXT]).encode("utf-8", "backslashreplace")[:MAX_TEXT].decode("utf-8", "ignore")
