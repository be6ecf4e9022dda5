"""Lines deleted, inserted, exchanged, spliced, rewritten, cut: `verify` finds each once, at its place, or `--head` does."""

from random import Random

import pytest

from shared.chain import head_of
from sidecar.records import Owner
from sidecar.verify.line import read_line
from tests.fault.damage import Lines, deleted, head_at, inserted, rewritten, stranger, swapped, turned
from tests.fault.read_once import read_each_line_once
from tests.fault.whole_log import COUNT, whole_log
from tests.verify.logs import check, found, head_line, joined

__all__ = ["read_each_line_once"]

LINES = whole_log(Owner(4711, 1795447799.25))
# Another log under the same name.
OTHER = whole_log(Owner(4711, 17.25))
READ = [read_line(line, "", 0) for line in LINES]
# Whether a line has a number of its own, by which it is missed.
NUMBERED = [line.first <= line.last for line in READ]
HEAD = head_line(LINES)
Findings = list[tuple[str, int, int]]


def findings(lines: Lines) -> Findings:
    assert lines != LINES
    return found(check(joined(lines)))


def pairs(count: int) -> list[tuple[int, int]]:
    """Two places each, the first one first."""
    chance = Random(20261123)  # noqa: S311 - a repeatable choice
    return [(min(two), max(two)) for two in (chance.sample(range(COUNT), 2) for _ in range(count))]


@pytest.mark.parametrize("count", range(1, 6))
def test_deleted_lines_are_one_finding_where_they_are_missing(count: int) -> None:
    assert findings(deleted(LINES, 0, count)) == [("first line", 1, 1)]
    for at in range(1, COUNT - count):
        # Records without a number leave no hole in the numbers, but what the line before them says is not chained.
        expected = ("deleted", at + 1, at + 1) if any(NUMBERED[at : at + count]) else ("edited", at, at)
        assert findings(deleted(LINES, at, count)) == [expected], at


def test_a_copy_of_any_line_is_a_duplicate_wherever_it_is_put() -> None:
    for at, line in enumerate(LINES):
        assert findings(inserted(LINES, at + 1, line)) == [("duplicated", at + 2, at + 2)], at
    for source, at in pairs(100):
        assert findings(inserted(LINES, at + 1, LINES[source])) == [("duplicated", at + 2, at + 2)], (source, at)


GARBAGE = {
    "nothing": b"",
    "zeros": bytes(300),
    "no UTF-8": b"\xff\xfe",
    "an object": b"{}",
    "half a line": LINES[7][:50],
    "a line nested too deeply": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_what_is_no_line_is_found_wherever_it_is_put(garbage: bytes) -> None:
    for at in range(COUNT + 1):
        assert findings(inserted(LINES, at, garbage)) == [("not a line", at + 1, at + 1)], at


def test_a_foreign_line_is_found_as_inserted_also_when_it_is_chained_well() -> None:
    for at in range(COUNT):
        right = stranger(READ[at].first, head_at(LINES, at))
        for line in (stranger(7), stranger(READ[at].first), right):
            assert findings(inserted(LINES, at, line)) == [("inserted", at + 1, at + 1)], (at, line)
        behind = stranger(READ[at].first + 1, head_of(right))
        assert findings(inserted(LINES, at, right, behind)) == [("inserted", at + 1, at + 2)], at


def test_behind_the_last_line_a_foreign_line_is_found_unless_it_is_chained_well() -> None:
    assert findings([*LINES, stranger(READ[-1].last + 1)]) == [("edited", COUNT, COUNT)]
    # An end that somebody chained well is an end that a sidecar may have written. The head is still there, behind it.
    forged = joined([*LINES, stranger(READ[-1].last + 1, HEAD)])
    report = check(forged, head=HEAD)
    assert report.findings == []
    assert (report.sought is not None, report.since) == (True, 1)


def test_lines_in_another_order_are_one_finding_from_the_first_to_the_last_of_them() -> None:
    for one, other in [*((at, at + 1) for at in range(COUNT - 1)), *pairs(100)]:
        assert findings(swapped(LINES, one, other)) == [("reordered", one + 1, other + 1)], (one, other)
    for one, other in pairs(100):
        assert findings(turned(LINES, one, other - one + 1)) == [("reordered", one + 1, other + 1)], (one, other)


def test_two_logs_spliced_at_any_line_are_found_there() -> None:
    for at in range(1, COUNT):
        assert findings([*LINES[:at], *OTHER[at:]]) == [("edited", at, at)], at
    for at in range(4, COUNT - 4):
        assert findings([*LINES[:at], *OTHER[at + 3 :]]) == [("deleted", at + 1, at + 1)], at
        assert findings([*LINES[:at], *OTHER[at - 3 :]]) == [("edited", at, at)], at


def test_a_log_rewritten_from_any_line_on_is_found_by_the_head_alone() -> None:
    for at in range(COUNT):
        data = joined(rewritten(LINES, at))
        assert check(data).findings == []
        assert check(data, head=HEAD).sought is None, at
        # A head that was noted before that line tells nothing of what came behind it.
        noted = check(data, head=head_at(LINES, at)).sought
        assert (noted is not None) == (at > 0), at


def test_a_log_cut_at_any_byte_of_its_last_lines_is_found_by_the_head_alone() -> None:
    data = joined(LINES)
    notes = check(data).notes
    for size in range(len(data) - len(joined(LINES[-3:])), len(data)):
        report = check(data[:size], head=HEAD)
        assert (report.findings, report.sought) == ([], None), size
        torn = 0 if data[size - 1 : size] == b"\n" else size - data.rfind(b"\n", 0, size) - 1
        said = [note.text.split(" ")[:3] for note in report.notes if note not in notes]
        assert said == ([["torn", "tail:", str(torn)]] if torn else []), size


def test_a_log_without_its_end_is_found_by_the_head_alone() -> None:
    for count in range(1, COUNT):
        report = check(joined(LINES[:count]), head=HEAD)
        assert (report.findings, report.sought) == ([], None), count
