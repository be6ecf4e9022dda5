"""What the page knows of a log, put together from answers as they may come."""

from msgspec.structs import replace

from gui.trail.timeline import axis_format, bars, chart, gap_words, span_words
from gui.trail.view import ROWS, View
from shared.questions import Gap, Place, Row, Stretch, Tally


def stretch(first: int, last: int, *, complete: bool = True, skipped: bool = False, rows: int = 10**6) -> Stretch:
    """The events `first` to `last`, each 100 bytes and a second; the newest `rows` of them as rows."""
    shown = [
        Row(
            Place(1, 100 * number),
            f"2026-11-23T15:30:{number % 60:02}.000000Z",
            "info",
            "nav",
            "",
            f"event {number}",
            number,
        )
        for number in range(last, first - 1, -1)
    ][:rows]
    tallies = [Tally(number, "nav", 1, 0, 1 if number % 10 == 0 else 0) for number in range(first, last + 1)]
    low, high = Place(1, 100 * first), Place(1, 100 * last + 100)
    return Stretch(shown, low, high, complete, skipped, "2026-11-23T15:30:00.000000Z", 1, tallies, [], 0, 0)


def numbers(view: View) -> list[int]:
    return [row.number for row in view.rows]


def test_slices_below_and_news_above_are_one_stretch() -> None:
    view = View()
    view.take_below(stretch(50, 60, complete=False))
    assert (view.wanted_rows, view.complete, view.more) == (ROWS - 11, False, True)
    view.take_below(stretch(1, 49))
    view.take_above(stretch(61, 70))
    assert numbers(view) == list(range(70, 0, -1))
    assert (view.lines, view.errors, view.complete, view.more) == (70, 7, True, False)
    assert (view.low, view.high) == (Place(1, 100), Place(1, 7_100))


def test_a_full_table_goes_on_being_counted_and_keeps_its_newest_rows() -> None:
    view = View()
    view.take_below(stretch(201, 400, rows=ROWS, complete=False, skipped=True))
    assert view.wanted_rows == 0
    view.take_below(stretch(1, 200, rows=0))
    assert (len(view.rows), view.lines, view.more) == (ROWS, 400, True)
    view.take_above(stretch(401, 405))
    assert numbers(view) == list(range(405, 405 - ROWS, -1))


def test_older_rows_follow_the_last_one_and_are_not_counted_again() -> None:
    view = View()
    view.take_below(stretch(1, 400, rows=ROWS, skipped=True))
    assert view.oldest == Place(1, 30_100)
    view.take_older(stretch(101, 300, complete=False, skipped=True))
    assert (numbers(view), view.lines, view.more) == (list(range(400, 100, -1)), 400, True)
    view.take_older(stretch(1, 100))
    assert (numbers(view), view.lines, view.more) == (list(range(400, 0, -1)), 400, False)
    view.take_above(stretch(401, 402))
    assert numbers(view)[:3] == [402, 401, 400]


def test_news_with_a_hole_below_them_stand_alone() -> None:
    view = View()
    view.take_below(stretch(1, 10))
    # As many as an answer had room for, should their texts be long.
    view.take_above(stretch(11, 500, rows=30, skipped=True))
    assert (numbers(view), view.lines, view.more) == (list(range(500, 470, -1)), 500, True)


def test_years_of_lines_are_few_cells_and_none_is_lost() -> None:
    view = View()
    for number in range(20):
        start = number * 10**7
        tallies = [Tally(start + 60 * each, f"category {each % 3}", 2, 1, 0) for each in range(400)]
        view.take_below(replace(stretch(1, 1, complete=False, rows=0), width=60, tallies=tallies))
    assert len(view.cells) <= 4_000
    assert (view.lines, view.warnings) == (16_000, 8_000)
    width, cells = bars(view)
    assert len({start for start, _ in cells}) <= 61 or width == 604_800
    assert sum(lines for lines, _, _ in cells.values()) == 16_000


def test_the_picture_marks_errors_and_gaps() -> None:
    view = View()
    view.take_below(stretch(1, 30))
    plain = chart(view).to_dict()
    assert len(plain["layer"]) == 2, "bars and errors"
    view.gaps = [Gap("2026-11-23T15:30:00.000000Z", 3, 7, "outbox full"), Gap("no time", 1, 1, "edited by somebody")]
    assert len(chart(view).to_dict()["layer"]) == 3
    assert gap_words(view.gaps[0]) == "5 events lost: outbox full"


def test_spans_are_said_in_the_largest_unit_that_fits() -> None:
    assert [span_words(width) for width in (1, 5, 60, 900, 3600, 21_600, 86_400)] == [
        "second", "5 seconds", "minute", "15 minutes", "hour", "6 hours", "day",
    ]  # fmt: skip


def test_times_below_the_picture_are_as_long_as_needed() -> None:
    formats = []
    for length in (60, 7200, 3 * 86_400, 100 * 86_400):
        view = View(cells={(0, "nav"): (1, 0, 0), (length, "nav"): (1, 0, 0)})
        formats.append(axis_format(view))
    assert formats == ["%H:%M:%S", "%H:%M", "%b %d %H:%M", "%Y-%m-%d"]
