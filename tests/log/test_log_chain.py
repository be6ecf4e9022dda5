"""The chain is followed by its hashes, through whatever stands between its lines."""

from itertools import permutations

import pytest

from shared.chain import GENESIS, head_of
from sidecar.log_chain import BEGINNING, Before, Good, follow
from tests.fault.damage import chained, head_at, inserted, rewritten, stranger, swapped
from tests.log.bench import body
from tests.verify.logs import gap, repair

MOST = 1000
LINES = chained([*map(body, range(1, 9)), gap(9, 12), *map(body, range(13, 17))], GENESIS)
LAST, HEAD = 16, head_of(LINES[-1])
PLACES = range(len(LINES))


def followed(lines: list[bytes]) -> Good:
    return follow(lines, BEGINNING, MOST)


def reaches_the_end(good: Good) -> bool:
    return good.last is not None and (good.last.accounted, good.head, good.lost) == (LAST, HEAD, 4)


def test_a_whole_chain_has_no_misfits() -> None:
    good = followed(LINES)
    assert reaches_the_end(good)
    assert (good.lines, good.misfits, good.denied) == (len(LINES), 0, False)


@pytest.mark.parametrize("at", PLACES)
@pytest.mark.parametrize("line", [b"", b"\xff", stranger(3), LINES[2], chained([gap(3, 900)], "ab" * 32)[0]])
def test_what_was_put_in_takes_away_no_line(at: int, line: bytes) -> None:
    good = followed(inserted(LINES, at, line))
    assert reaches_the_end(good)
    assert good.misfits > 0


@pytest.mark.parametrize("at", PLACES[:8])
def test_a_line_forged_with_a_chain_that_fits_is_passed_by_where_others_stand_behind_the_true_one(at: int) -> None:
    forged = stranger(at + 1, head_at(LINES, at))
    good = followed(inserted(LINES, at, forged))
    assert reaches_the_end(good)


def test_lines_in_any_order_are_followed() -> None:
    for order in permutations(range(4)):
        good = followed([LINES[at] for at in order] + LINES[4:])
        assert reaches_the_end(good)
        assert (good.misfits > 0) == (list(order) != sorted(order))


def test_where_a_line_was_changed_the_numbers_say_how_it_goes_on() -> None:
    for at in PLACES[:-2]:
        good = followed([*LINES[:at], LINES[at].replace(b'"level":"', b'"level":"!'), *LINES[at + 1 :]])
        assert (good.lines, good.misfits, good.last and good.last.accounted) == (len(LINES), 1, LAST)


def test_behind_a_line_that_is_gone_nothing_is_good() -> None:
    for at in PLACES[1:-1]:
        assert followed([*LINES[:at], b"\xff", *LINES[at + 1 :]]).head == head_of(LINES[at - 1])


def test_records_that_lead_in_a_circle_come_to_an_end() -> None:
    # They account for the same number, so that each may follow each.
    records = chained([repair(LAST, size) for size in range(3)], HEAD)
    circle = [records[1], chained([repair(LAST, 9)], "ab" * 32)[0], records[0], records[2]]
    for some in (circle, circle * 3, swapped(circle, 0, 2)):
        good = followed(LINES + some)
        assert good.last is not None
        assert good.last.accounted == LAST


def test_gaps_are_counted_from_what_stands_before_the_first_line() -> None:
    assert follow(LINES[8:], None, MOST).lost == 0
    assert follow(LINES[8:], Before(head_of(LINES[7]), 8), MOST).lost == 4
    assert follow(LINES[7:], None, MOST).lost == 4


# The line that the GUI was told is durable.


def is_denied(lines: list[bytes], at: int, before: Before | None = BEGINNING) -> bool:
    known = Before(head_of(LINES[at]), at + 1)
    return follow(lines, before, MOST, known).denied


@pytest.mark.parametrize("at", PLACES[1:8])
def test_a_line_that_was_acknowledged_and_is_not_there_is_missed(at: int) -> None:
    assert not is_denied(LINES, at)
    assert is_denied(rewritten(LINES, at), at)
    assert is_denied(rewritten(LINES, 0), at)
    # Written anew behind it: for all that is known, it may be so.
    assert not is_denied(rewritten(LINES, at + 1), at)
    # It is the gap that tells what is no longer there.
    assert not is_denied(LINES[:at], at)


def test_nothing_is_denied_by_lines_that_all_stand_behind_the_known_one() -> None:
    assert not is_denied(LINES[5:], 3, before=None)
    assert not is_denied(LINES[5:], 4, before=Before(head_of(LINES[4]), 5))
