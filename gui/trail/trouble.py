"""Why the page cannot show what is newest, in one calm sentence. Pure."""

from dataclasses import dataclass
from typing import Literal

from gui.audit import AuditStatus
from gui.status_words import START
from shared.printable import printable
from shared.questions import NotNow

Why = Literal["absent", "silent", "hung", "slow", "busy", "gone", "unknown", "failed"]


@dataclass(frozen=True)
class Trouble:
    """`since` is when it began, in unix seconds; `reason` is told to the user where there is one."""

    why: Why
    since: float
    reason: str = ""


def known_trouble(status: AuditStatus, now: float) -> Trouble | None:
    """Why nobody need be asked: that none would answer is known already."""
    if status.state == "absent" and not status.reason:
        return Trouble("absent", status.since or now)
    is_silent = status.state in {"absent", "unresponsive", "suspended", "dying"}
    return Trouble("silent", status.since or now) if is_silent else None


def trouble_of(answer: NotNow, now: float) -> Trouble:
    """What an answer that is none says."""
    return Trouble(answer.why, now - answer.seconds, answer.reason)


def lasting(before: Trouble | None, found: Trouble) -> Trouble:
    """`found`, since it began: an earlier drawing may have met it already."""
    if before is None or before.why != found.why:
        return found
    return Trouble(found.why, min(before.since, found.since), found.reason)


def sentence(trouble: Trouble, now: float, *, is_own_run: bool) -> str:
    """What is the matter, for how long, and what becomes of it."""
    lasts = duration(now - trouble.since)
    match trouble.why:
        case "absent":
            return f"The sidecar is not running (for {lasts}), so nothing new can be shown. Start it with {START}."
        case "silent":
            return f"The sidecar has not answered for {lasts}. The page goes on by itself when it does."
        case "hung":
            return f"The disk has not answered for {lasts}. The page goes on by itself when it does."
        case "slow":
            return "The disk or the machine is slow just now. The page tries again by itself."
        case "busy":
            return "Too many questions wait at the sidecar. The page tries again by itself."
        case "gone":
            return (
                "Nothing has been written for this run yet." if is_own_run else "There is no log of this run any more."
            )
        case "unknown":
            return "The sidecar is of another version than this page. Stop both and start them from one checkout."
        case "failed":
            return f"The log cannot be read: {plain(trouble.reason) or 'no reason was given'}."


def duration(seconds: float) -> str:
    """`12 s`, `3 min 5 s`, `2 h 10 min`."""
    minutes, rest = divmod(max(round(seconds), 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"


def plain(text: str) -> str:
    """`text` from elsewhere, so that Markdown shows it as it is."""
    return "".join(f"\\{each}" if each in "\\`*_[]<>$:~#|" else each for each in printable(text))
