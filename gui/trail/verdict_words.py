"""The result of a check in words for who never heard of hashes. Pure.

Three things are told apart: damage (somebody changed the log), gaps (events that were lost, and the log says so itself), and
what a crash leaves (an unfinished line).
"""

from dataclasses import dataclass
from typing import Literal

from gui.status_words import count
from gui.trail.trouble import plain
from shared.questions import Damage, Note, Verdict

# By the kinds of shared/FORMAT.md.
_DAMAGES = {
    "edited": "{lines} {were} changed after the log was written.",
    "deleted": "lines were taken out before {lines}.",
    "inserted": "{lines} {were} put in later.",
    "reordered": "{lines} {are} not in the order in which the log was written.",
    "duplicated": "{lines} {were} copied there from elsewhere in the log.",
    "not a line": "{lines} {are} not what a sidecar writes.",
    "missing part": "a file of this log is missing, or something else stands in its place: {text}",
    "undeclared gap": "events are missing before {lines}, and nothing says why.",
    "repeated seq": "events are numbered twice, or backwards, from {lines} on.",
    "broken compression": "from {lines} on the compressed file cannot be read: it was cut or changed.",
    "two forms": "{file} is there compressed and plain, and the two differ.",
}


@dataclass(frozen=True)
class Result:
    """`headline` says it all; `details` are Markdown, a sentence each."""

    kind: Literal["intact", "lossy", "damaged"]
    headline: str
    details: tuple[str, ...]


def result_of(verdict: Verdict) -> Result:
    """Put a verdict into words."""
    damages = [damage_words(each) for each in verdict.damages]
    if verdict.more_damages:
        damages.append(f"And {count(verdict.more_damages, 'more damage')}.")
    if verdict.sought is False:
        damages.insert(
            0, "The head that you gave is nowhere in it: since it was noted, the end was cut off or rewritten."
        )
    notes = [*_head_words(verdict), *_note_words(verdict)]
    events = count(verdict.events, "event")
    if damages:
        first = damages[0].rstrip(".")
        return Result("damaged", f"Damaged: {first[:1].lower()}{first[1:]}.", (*damages[1:], *notes))
    if verdict.lost:
        lost = "1 event was lost" if verdict.lost == 1 else f"{verdict.lost:,} events were lost"
        return Result(
            "lossy", f"Intact: nobody changed this log. {events}, but {lost}; the log itself says so.", tuple(notes)
        )
    return Result("intact", f"Intact: nobody changed this log. {events}, none lost.", tuple(notes))


def damage_words(damage: Damage) -> str:
    """What was done, and where."""
    file = f"`{damage.file.replace('`', chr(39))}`"
    several = damage.last > damage.first
    lines = f"lines {damage.first:,} to {damage.last:,} of {file}" if several else f"line {damage.first:,} of {file}"
    template = _DAMAGES.get(damage.kind, "{lines}: {text}")
    words = template.format(
        lines=lines,
        file=file,
        text=plain(damage.text),
        were="were" if several else "was",
        are="are" if several else "is",
    )
    return _cap(words)


def _head_words(verdict: Verdict) -> list[str]:
    if not verdict.sought:
        return []
    since = (
        f"{count(verdict.since, 'line')} {'was' if verdict.since == 1 else 'were'} added since"
        if verdict.since
        else "it is the last line's"
    )
    return [f"The head that you gave is in it: {since}."]


def _note_words(verdict: Verdict) -> list[str]:
    words = [text for note in verdict.notes if (text := _note(note))]
    if verdict.more_notes:
        words.append(f"And {count(verdict.more_notes, 'more note')}.")
    return words


def _note(note: Note) -> str:
    match note.kind:
        case "gap":
            numbers, _, reason = note.text.removeprefix("gap: ").partition(" lost: ")
            return f"Lost: the events numbered {plain(numbers)}. Why: {plain(reason)}."
        case "torn":
            return "The last line is unfinished, as a crash leaves it, or it was just being written. No harm was done by anybody."
        case "repair":
            return f"After a crash an unfinished line was cut off, at line {note.line:,}. No harm was done by anybody."
        case "vanished":
            return "The program ended without a goodbye: it crashed or was killed. What it had not sent by then is not here."
    return f"{_cap(plain(note.text))}."


def _cap(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
