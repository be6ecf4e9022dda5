"""What is a line of a log, and what is not."""

from pathlib import Path

import pytest

from shared.chain import GENESIS
from sidecar.verify.files import read_chunks
from sidecar.verify.line import MAX_LINE, read_line
from tests.verify.logs import event, gap, opening, sealed

EVENT, GAP, OPENING = (sealed([body])[0] for body in (event(7, filename="a.csv"), gap(3, 5), opening(2)))


def test_each_line_says_which_numbers_it_accounts_for() -> None:
    lines = [read_line(raw, "log", 4) for raw in (EVENT, GAP, OPENING)]
    assert [(line.first, line.last, line.prev, line.bad) for line in lines] == [
        (7, 7, GENESIS, ""),
        (3, 5, GENESIS, ""),
        (3, 2, GENESIS, ""),
    ]


def test_extras_of_an_event_named_like_keys_of_records_mean_nothing() -> None:
    raw = sealed([event(7, lost_from="x", lost_to=[], outcome=1, continues=2)])[0]
    line = read_line(raw, "log", 1)
    assert (line.first, line.last, line.record, line.bad) == (7, 7, None, "")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "truncated"),
        (EVENT[:-1], "truncated"),
        (EVENT + b"x", "trailing"),
        (EVENT + b" ", "not its last key"),
        (EVENT.replace(b"a.csv", b"\xff.csv"), "UTF-8"),
        (EVENT.replace(b'"level"', b'"Level"'), "missing required field `level`"),
        (EVENT.replace(b'"prev"', b'"prey"'), "missing required field `prev`"),
        (EVENT[:-1] + b',"post":"%s"}' % GENESIS.encode(), "not its last key"),
        (EVENT[:-3] + b'"}', "not its last key"),
        (EVENT.replace(b'"seq":7', b'"seq":0'), "$.seq"),
        (EVENT.replace(b'"seq":7', b'"seq":7,"last":7'), "exactly one of"),
        (EVENT.replace(b'"seq":7,', b""), "exactly one of"),
        (GAP.replace(b'"lost_to":5', b'"lost_to":4'), "contradict"),
        (GAP.replace(b'"lost_to":5,', b""), "contradict"),
        (GAP.replace(b'"lost_from":3', b'"lost_from":6'), "contradict"),
        (EVENT.replace(b"a.csv", b"a" * MAX_LINE), "longer than"),
    ],
)
def test_anything_else_is_no_line_and_says_why(raw: bytes, reason: str) -> None:
    assert raw not in {EVENT, GAP}
    assert reason in read_line(raw, "log", 1).bad


def test_a_line_without_end_is_not_kept_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"short\n" + b"x" * 5 * MAX_LINE + b"\nshort again\ntorn")
    assert [(len(raw), complete) for lines, complete in read_chunks(path) for raw in lines] == [
        (5, True),
        (MAX_LINE + 1, True),
        (11, True),
        (4, False),
    ]
