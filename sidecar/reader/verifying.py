"""The job `Verify`: checks one log, says now and then how far it is, and puts what it found into an answer's bounds."""

from collections.abc import Callable
from pathlib import Path

from shared.printable import printable
from shared.questions import MAX_FINDINGS, MAX_NOTES, MAX_TEXT, Damage, Note, Verdict, Verify
from sidecar.reader.progress import Progress
from sidecar.reader.run_list import logs_of
from sidecar.verify import check_files
from sidecar.verify.explain import Finding
from sidecar.verify.report import Note as Noted
from sidecar.verify.report import Report

# How the texts of a report's notes begin, and their kinds.
_KINDS = {
    "gap:": "gap", "torn tail:": "torn", "unfinished write:": "torn", "repair:": "repair", "the GUI vanished": "vanished",
}  # fmt: skip


def verify(question: Verify, directory: Path, tell: Callable[[int, int], None]) -> Verdict:
    """Check the log; `tell` hears how many bytes of how many were read. Raises OSError, SettingsError where there is none."""
    [log] = logs_of([question.run], directory)
    progress = Progress(log.parts.values(), tell)
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
