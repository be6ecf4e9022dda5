"""Every single bit of a small log flipped: nothing goes unseen."""

import pytest

from tests.verify.logs import check, closing, event, found, gap, head_line, joined, opening, sealed

LINES = sealed([opening(), event(1, name="zürich.csv"), gap(2, 4), event(5), closing(5, lost=3)])
DATA = joined(LINES)
HEAD = head_line(LINES)
ENDS = [sum(len(line) + 1 for line in LINES[: count + 1]) for count in range(len(LINES))]


def flips(start: int, end: int) -> list[tuple[int, bytes]]:
    places = [(index, bit) for index in range(start, end) for bit in range(8)]
    return [(index, DATA[:index] + bytes([DATA[index] ^ 1 << bit]) + DATA[index + 1 :]) for index, bit in places]


@pytest.mark.parametrize("number", range(1, len(LINES)))
def test_any_bit_of_any_line_but_the_last_is_one_finding_at_its_line(number: int) -> None:
    start, end = [0, *ENDS][number - 1], ENDS[number - 1]
    for index, data in flips(start, end):
        findings = found(check(data))
        assert len(findings) == 1, (index, findings)
        kind, first, last = findings[0]
        assert kind in {"edited", "not a line", "first line"}, (index, kind)
        # A byte that became a newline made two lines of one.
        assert first == number, index
        assert last in {number, number + 1}, index


def test_any_bit_of_the_last_line_is_found_by_the_head() -> None:
    for index, data in flips(ENDS[-2], ENDS[-1]):
        assert check(data, head=HEAD).sought is None, index


def test_without_the_head_the_last_line_is_the_limit() -> None:
    changed = DATA.replace(b'"message":"Log closed"', b'"message":"Log burned"')
    assert changed != DATA
    assert check(changed).findings == []
    assert check(changed, head=HEAD).sought is None


def test_the_head_of_an_earlier_line_says_how_many_came_since() -> None:
    report = check(DATA, head=head_line(LINES[:2]))
    assert report.sought is not None
    assert (report.sought.number, report.since) == (2, 3)
    report = check(DATA, head=HEAD)
    assert report.sought is not None
    assert (report.sought.number, report.since) == (5, 0)


def test_a_log_written_anew_from_the_middle_is_found_by_the_head_alone() -> None:
    forged = sealed([opening(), event(1, name="other.csv"), gap(2, 4), event(5), closing(5, lost=3)])
    assert check(joined(forged)).findings == []
    assert check(joined(forged), head=HEAD).sought is None
