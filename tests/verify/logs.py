"""Logs for the tests of `verify`, made with the functions that the sidecar writes with."""

from collections.abc import Iterable, Sequence
from functools import partial

from shared.chain import GENESIS, event_body, head_of, seal, sidecar_body
from shared.naming import log_name
from sidecar.verify.check import Part, check_log
from sidecar.verify.report import Report

RUN = "20261123T153000Z-a1b2c3d4"
# 2026-11-23T15:30:00.123456Z
START = 1_795_447_800_123_456


def opening(last: int = 0, part: int = 1, **more: object) -> bytes:
    extra = {
        "run": RUN, "pid": 4711, "started": 1795447799.5, "host": "desk", "python": "3.11.9", "version": "0.1.0",
        "format": 1, "part": part, **more,
    }  # fmt: skip
    return sidecar_body(START, "info", "Log opened", extra, last)


def event(seq: int, **extra: object) -> bytes:
    return event_body(START + seq * 1_000_000, "info", "upload", "a1b2c3d4", f"Event number {seq}", extra, seq)


def gap(first: int, last: int, reason: str = "the outbox was full") -> bytes:
    extra: dict[str, object] = {"lost_from": first, "lost_to": last, "reason": reason}
    return sidecar_body(START + last * 1_000_000, "warning", f"Lost {first} to {last}", extra, last)


def repair(last: int, size: int = 17) -> bytes:
    return sidecar_body(START + last * 1_000_000, "warning", "Cut a torn line", {"repaired_bytes": size}, last)


def closing(last: int, outcome: str = "clean", lost: int = 0) -> bytes:
    extra: dict[str, object] = {"outcome": outcome, "events": last - lost, "lost": lost, "known": last}
    return sidecar_body(START + last * 1_000_000, "info", "Log closed", extra, last)


def events(first: int, last: int) -> list[bytes]:
    return [event(seq, filename=f"file {seq}.csv", rows=seq * 10) for seq in range(first, last + 1)]


def sealed(bodies: Iterable[bytes], head: str = GENESIS) -> list[bytes]:
    """The lines, without their newlines."""
    return seal(head, bodies)[0].split(b"\n")[:-1]


def everything() -> list[bytes]:
    """A log of 42 lines with every kind of record: opening, events 1 to 43 but 5 lost, repair, closing, more events."""
    return sealed(
        [
            opening(), *events(1, 12), gap(13, 17), *events(18, 25), repair(25), *events(26, 39), closing(39, lost=5),
            *events(40, 43),
        ]
    )  # fmt: skip


def joined(lines: Sequence[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def chunks(data: bytes) -> list[tuple[list[bytes], bool]]:
    *lines, tail = data.split(b"\n")
    return [(lines, True), *([([tail], False)] if tail else [])]


def check(*parts: bytes, numbers: Sequence[int] = (), head: str = "", whole: bool = True) -> Report:
    """Check the bytes of parts 1, 2, … or of the parts with these `numbers`."""
    numbered = zip(numbers or range(1, len(parts) + 1), parts, strict=True)
    return check_log(
        [Part(log_name(RUN, number), RUN, number, partial(chunks, data)) for number, data in numbered],
        head=head,
        whole=whole,
    )


def found(report: Report) -> list[tuple[str, int, int]]:
    """Kind, first and last line of each finding."""
    return [(finding.kind, finding.first.number, finding.last.number) for finding in report.findings]


def head_line(lines: Sequence[bytes]) -> str:
    return head_of(lines[-1])
