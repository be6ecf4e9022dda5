"""The state of the audit trail in words. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from gui.audit import AuditStatus
from shared.presence import END, RESUME
from shared.printable import printable

# What would make a link, an image, a colour or a formula of a name.
_MARKDOWN = re.compile(r"[\\`\[\]<$]")

_RUN = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")

START = "`python -m shared.keeper`"


@dataclass(frozen=True)
class Words:
    """One coloured state in words, and a sentence that says what it means and what to do."""

    label: str
    color: Literal["green", "orange", "red", "gray"]
    icon: str
    sentence: str

    @property
    def short(self) -> str:
        """The state alone, without numbers that change."""
        return self.label.partition(":")[0]


def describe(status: AuditStatus, now: float) -> Words:
    """Put `status` into words; `now` is in unix seconds."""
    kept = count(status.pending, "event")
    match status.state:
        case "recording" if status.lost:
            lost = count(status.lost, "event")
            return Words(f"{lost} lost", "red", ":material/warning:", f"Recording. {_recording(status.pending)}")
        case "recording":
            return Words("Recording", "green", ":material/check_circle:", _recording(status.pending))
        case "starting":
            return Words("Starting", "gray", ":material/hourglass_top:", f"Waiting for the sidecar. {kept} kept.")
        case "absent":
            return _absent(status)
        case "unresponsive" | "suspended" | "dying":
            return _silent(status)
        case "stalled":
            return _stalled(status, now)
        case "failing":
            return Words("Disk failing", "red", ":material/error:", _failing(status))
        case "stopping":
            return Words("Sidecar stopping", "gray", ":material/logout:", f"{kept} kept until one starts again.")
    return Words(_plain(status.state.capitalize()), "gray", ":material/help:", _plain(status.reason))


def lost_words(status: AuditStatus) -> str:
    """What was lost and why, or nothing at all."""
    told = []
    if status.lost:
        # The label says how many, unless it has something else to say.
        how_many = "" if status.state == "recording" else f"{count(status.lost, 'event')} lost. "
        told.append(f"{how_many}The log says which ones and why.")
    if status.dropped:
        more = "more " if status.lost else ""
        told.append(f"{count(status.dropped, f'{more}event')} had to be dropped: more were waiting than memory holds.")
    return " ".join(told)


def notice_words(status: AuditStatus) -> str:
    """What somebody did to the log, and what to do about it; or nothing at all."""
    if not status.notice:
        return ""
    return f"{_plain(status.notice).rstrip('.')}. Keep these files; `python -m sidecar verify` says what is wrong with them."


def forwarding_words(status: AuditStatus) -> tuple[str, bool]:
    """How far the forwarding is, and whether it is in trouble; nothing at all where nothing is forwarded."""
    told = status.forwarding
    if told is None:
        return "", False
    verb = "waits" if told.waiting == 1 else "wait"
    waits = f"{count(told.waiting, 'line')} {verb}"
    if told.uncounted:
        waits += f", and {told.uncounted / 1e6:,.1f} MB more"
    stopped = told.state == "stopped"
    since = f" since {datetime.fromtimestamp(told.since).astimezone():%H:%M}" if stopped else ""
    reason = f": {_plain(told.reason)}" if told.reason else ""
    notice = f" {_plain(told.notice)}." if told.notice else ""
    return f"Forwarding: {waits}, {_code(told.target)}{reason}{since}.{notice}", stopped or bool(told.reason or notice)


def count(number: int, noun: str) -> str:
    """`1 event`, `1,200 events`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _recording(pending: int) -> str:
    return f"{count(pending, 'event')} on the way to disk." if pending else "Everything is on disk."


def _absent(status: AuditStatus) -> Words:
    kept = count(status.pending, "event")
    reason = _plain(status.reason)
    label = (
        f"Sidecar not reached: {kept} kept" if reason else f"Sidecar not running: {kept} kept, start it with {START}"
    )
    return Words(label, "orange", ":material/cloud_off:", reason or _no_answer(status))


def _silent(status: AuditStatus) -> Words:
    """It is there, so another one would not start."""
    pid = status.pid
    how, advice = {
        "unresponsive": ("runs but says nothing", f"Wait a moment; if this lasts, end it with `{END} {pid}`: the keeper starts another"),
        "suspended": ("is suspended", f"Let it go on with `{RESUME} {pid}`" if RESUME else "Resume it"),
        "dying": ("was killed and cannot end", "Check the disk or the network share: it waits for an answer. Another one starts behind it"),
    }[status.state]  # fmt: skip
    label = f"Sidecar does not answer: {count(status.pending, 'event')} kept, pid {pid} {how}"
    sentence = f"{_no_answer(status)} {advice}, and what is kept is recorded."
    return Words(label, "orange", ":material/hourglass_disabled:", sentence.strip())


def _no_answer(status: AuditStatus) -> str:
    return f"No answer since {_clock(status.since)}." if status.since else ""


def _stalled(status: AuditStatus, now: float) -> Words:
    waits = f"{status.pending:,} event waits" if status.pending == 1 else f"{status.pending:,} events wait"
    length = f" for {max(0, round(now - status.since))} s" if status.since else ""
    label = f"Recording late: {waits}, the disk has not answered{length}"
    since = f"Since {_clock(status.since)}" if status.since else "No answer"
    sentence = f"{since}{_at(status)}. Check the disk or the network share."
    return Words(label, "orange", ":material/hourglass_disabled:", sentence)


def _failing(status: AuditStatus) -> str:
    reason = _plain(status.reason).rstrip(".") or "The log cannot be written"
    where = f"{_code(status.file)}{_whose(status)}: " if status.file else ""
    return f"{where}{reason}. Recording goes on by itself when that is mended. {count(status.pending, 'event')} kept."


def _at(status: AuditStatus) -> str:
    return f" at {_code(status.file)}{_whose(status)}" if status.file else ""


def _whose(status: AuditStatus) -> str:
    """The sidecar speaks of all that it writes."""
    named = _RUN.search(status.file)
    return "" if named is None or named[0] == status.run else " (another program's log)"


def _plain(text: str) -> str:
    """`text` from elsewhere, so that Markdown shows it as it is."""
    return _MARKDOWN.sub(r"\\\g<0>", printable(text))


def _code(text: str) -> str:
    return f"`{printable(text).replace('`', chr(39))}`"


def _clock(moment: float) -> str:
    return datetime.fromtimestamp(moment).astimezone().strftime("%H:%M:%S")
