"""What the golden logs are made of. Their bytes are the format: when they change, the format changes.

`python -m tests.verify.golden` writes them anew, for a change of the format that is meant.
"""

from pathlib import Path

from shared.chain import GENESIS, event_body, head_of, seal, sidecar_body
from tests.verify.logs import RUN, START

ONE = Path(__file__).with_name("golden.jsonl")
TWO = Path(__file__).with_name("golden.2.jsonl")

_SECOND = 1_000_000
_OPENING: dict[str, object] = {
    "run": RUN, "pid": 4711, "started": 1795447799.25, "host": "desk", "python": "3.11.9", "version": "0.1.0", "format": 1
}  # fmt: skip
_ODD: dict[str, object] = {
    "seq": "an extra", "prev": None, "flag": True, "share": 0.5, "large": 2**63 - 1, "list": [1, "two"],
    "text": 'Zürich "\\" \t \x01 \u2028 ✓', "nested": {"deep": {"er": []}}, "truncated": True,
}  # fmt: skip


def one() -> bytes:
    """Part 1."""
    upload: dict[str, object] = {"filename": "customers.csv", "bytes": 24813}
    gap: dict[str, object] = {"lost_from": 3, "lost_to": 5, "reason": "outbox full"}
    closing: dict[str, object] = {"outcome": "clean", "events": 3, "lost": 3, "known": 6}
    bodies = [
        sidecar_body(START, "info", "Log opened", {**_OPENING, "part": 1, "lost": 0}, 0),
        event_body(START + 1, "info", "upload", "a1b2c3d4", "Uploaded customers.csv", upload, 1),
        event_body(START + _SECOND, "error", "my own", "", "Odd things", _ODD, 2),
        sidecar_body(START + 2 * _SECOND, "warning", "3 events lost: outbox full", gap, 5),
        sidecar_body(START + 3 * _SECOND, "warning", "Cut a torn last line of 118 bytes", {"repaired_bytes": 118}, 5),
        event_body(START + 3 * _SECOND, "info", "session", "a1b2c3d4", "Session ending", {}, 6),
        sidecar_body(START + 4 * _SECOND, "info", "Run ended", closing, 6),
    ]
    return seal(GENESIS, bodies)[0]


def two() -> bytes:
    """Part 2, which goes on from the last good line of part 1."""
    why = f"datatools-{RUN}.jsonl was appended to by someone else"
    opening: dict[str, object] = {**_OPENING, "part": 2, "lost": 3, "continues": why}
    closing: dict[str, object] = {"outcome": "vanished", "events": 4, "lost": 3, "known": 9}
    message = "Run vanished: its process is gone; at least 2 of its events never arrived"
    old = "20261001T080000Z-0badcafe"
    deletion: dict[str, object] = {
        "deleted_run": old, "deleted_files": 2, "deleted_bytes": 67109901, "reason": "older than 30 days"
    }  # fmt: skip
    attestation: dict[str, object] = {"attested_events": 5, "attested_lost": 3, "attested_minutes": 60}
    bodies = [
        sidecar_body(START + 5 * _SECOND, "warning", f"Log continues in part 2: {why}", opening, 6),
        event_body(START + 5 * _SECOND, "info", "nav", "a1b2c3d4", "Opened Clean text", {"page": "clean-text"}, 7),
        sidecar_body(START + 6 * _SECOND, "warning", message, closing, 7),
        event_body(START + 7 * _SECOND, "info", "nav", "a1b2c3d4", "Opened Home", {"page": "home"}, 8),
        sidecar_body(
            START + 8 * _SECOND, "warning", f"Deleted the closed log of run {old}: older than 30 days", deletion, 8
        ),
        sidecar_body(START + 9 * _SECOND, "info", "Attested: alive, 5 events", attestation, 8),
    ]
    return seal(head_of(one().splitlines()[-1]), bodies)[0]


if __name__ == "__main__":
    ONE.write_bytes(one())
    TWO.write_bytes(two())
