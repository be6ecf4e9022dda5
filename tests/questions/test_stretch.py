"""What a page is told of a log, piece by piece: each line once, whatever form and state the log is in."""

from itertools import chain
from pathlib import Path

import pytest

from shared.chain import format_time, head_of
from shared.naming import log_name
from shared.questions import MAX_PIECE, MAX_ROWS, OneLine, Place, Stretch, Wanted, WholeLine, encode
from shared.wire import MAX_FRAME
from sidecar.reader import steps, stretch
from sidecar.reader.layout import Layouts
from sidecar.reader.one_line import one_line
from sidecar.reader.part_bytes import Opener
from tests.compress.logs import compress_by_hand, in_parts, write
from tests.questions.logs import Reading, numbers
from tests.verify.logs import RUN, START, closing, event, events, everything, gap, joined, opening, sealed


def at(seq: int) -> str:
    return format_time(START + seq * 1_000_000)


def counted(answer: Stretch) -> int:
    return sum(each.lines for each in answer.tallies)


@pytest.fixture(autouse=True)
def short_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretch, "_LINES", 7)
    monkeypatch.setattr(steps, "BLOCK", 500)


@pytest.mark.parametrize("compressed", [[], [1], [1, 2, 3]])
@pytest.mark.parametrize("looks", [1.5, 4, 1000])
def test_all_slices_together_hold_each_line_once_newest_first(
    tmp_path: Path, compressed: list[int], looks: float
) -> None:
    parts = in_parts(tmp_path)
    for number in compressed:
        compress_by_hand(parts[number - 1])
    answers = list(Reading(tmp_path, looks).all_back())
    assert numbers(list(chain.from_iterable(each.rows for each in answers))) == list(range(60, 0, -1))
    assert sum(map(counted, answers)) == 64
    assert (len(answers) == 1) == (looks == 1000)


def test_who_begins_to_look_gets_the_rows_soon_and_what_is_counted_goes_on(tmp_path: Path) -> None:
    in_parts(tmp_path)
    reading = Reading(tmp_path, 6)
    first = reading.back(rows=5)
    rest = reading.back(before=first.low, rows=5)
    assert numbers(first.rows) == [60, 59, 58, 57]
    assert 7 < counted(first) < 21 < counted(rest)
    # Rows that are rare are looked for as long as there is time.
    assert counted(reading.back(rows=200)) > 21


def test_rows_are_paged_without_a_hole_or_a_double(tmp_path: Path) -> None:
    in_parts(tmp_path)
    answers = list(Reading(tmp_path).all_back(rows=13, tally=False))
    assert [len(each.rows) for each in answers] == [13, 13, 13, 13, 12]
    assert numbers(list(chain.from_iterable(each.rows for each in answers))) == list(range(60, 0, -1))


def test_what_is_written_later_comes_once_and_a_torn_line_only_when_it_is_whole(tmp_path: Path) -> None:
    path = write(tmp_path, opening(run=RUN), *events(1, 10))
    lines = sealed([opening(run=RUN), *events(1, 30)])
    path.write_bytes(joined(lines[:11]) + lines[11][:40])
    reading = Reading(tmp_path)
    first = reading.back()
    assert numbers(first.rows) == list(range(10, 0, -1))
    assert first.unread == 0
    assert reading.forth(first.high).rows == []
    path.write_bytes(joined(lines[:21]))
    second = reading.forth(first.high)
    assert numbers(second.rows) == list(range(20, 10, -1))
    bodies = [opening(20, 2, run=RUN), *events(21, 25)]
    write(tmp_path, *bodies, part=2, head=head_of(lines[20]))
    third = reading.forth(second.high)
    assert (numbers(third.rows), third.complete) == ([25, 24, 23, 22, 21], True)
    assert third.high == Place(2, (tmp_path / log_name(RUN, 2)).stat().st_size)


def test_of_more_new_rows_than_asked_for_the_newest_come(tmp_path: Path) -> None:
    write(tmp_path, opening(run=RUN), *events(1, 50))
    found = Reading(tmp_path).forth(Place(1, 0), rows=5)
    assert (numbers(found.rows), found.skipped) == ([50, 49, 48, 47, 46], True)
    assert sum(each.lines for each in found.tallies) == 51


@pytest.mark.parametrize("place", [Place(1, 10), Place(1, 10**6), Place(2, 0)])
def test_a_log_that_is_not_what_it_was_says_so(tmp_path: Path, place: Place) -> None:
    write(tmp_path, opening(run=RUN), *events(1, 10))
    assert Reading(tmp_path).back(before=place).changed
    assert Reading(tmp_path).forth(place).changed


def test_filters_leave_out_what_does_not_fit_but_never_a_gap_of_that_time(tmp_path: Path) -> None:
    (tmp_path / log_name(RUN)).write_bytes(joined(everything()))
    found = Reading(tmp_path).back(Wanted(text="file 20.csv"))
    assert [(row.number, row.lost) for row in found.rows] == [(20, 0), (0, 5)]
    assert (found.lost, [(each.first, each.last) for each in found.gaps]) == (5, [(13, 17)])
    assert Reading(tmp_path).back(Wanted(text="file 20.csv", since=at(19))).lost == 0
    assert numbers(Reading(tmp_path).back(Wanted(categories=["nav"])).rows) == []
    assert len(Reading(tmp_path).back(Wanted(categories=["audit"])).rows) == 4


@pytest.mark.parametrize("compressed", [False, True])
def test_a_window_of_time_is_found_without_reading_what_is_younger(tmp_path: Path, *, compressed: bool) -> None:
    parts = in_parts(tmp_path, last=200)
    if compressed:
        for path in parts:
            compress_by_hand(path)
    found = Reading(tmp_path, 20).back(Wanted(since=at(1_001), until=at(1_010)))
    assert numbers(found.rows) == list(range(1_010, 1_000, -1)), found.reached


def test_within_one_long_part_a_window_is_found_too(tmp_path: Path) -> None:
    write(tmp_path, opening(run=RUN), *events(1, 5_000), closing(5_000))
    found = Reading(tmp_path, 250).back(Wanted(since=at(1_001), until=at(1_010)))
    assert numbers(found.rows) == list(range(1_010, 1_000, -1)), found.reached
    sparse = Reading(tmp_path).back(Wanted(since=at(1), until=at(1)))
    assert numbers(sparse.rows) == [1]


def test_lines_that_are_no_part_of_the_log_are_left_out(tmp_path: Path) -> None:
    lines = sealed([opening(run=RUN), *events(1, 12)])
    (tmp_path / log_name(RUN)).write_bytes(joined(lines))
    bodies = [opening(10, 2, run=RUN, continues="it is damaged"), *events(11, 15)]
    write(tmp_path, *bodies, part=2, head=head_of(lines[10]))
    reading = Reading(tmp_path)
    found = reading.back()
    assert numbers(found.rows) == list(range(15, 0, -1))
    assert numbers(reading.forth(Place(1, 0)).rows) == list(range(15, 0, -1))
    # Somebody followed the part when it still was all of the log.
    assert reading.forth(Place(1, (tmp_path / log_name(RUN)).stat().st_size)).changed


def test_what_is_no_line_is_counted_and_a_broken_part_gives_what_is_whole(tmp_path: Path) -> None:
    write(tmp_path, opening(run=RUN), *events(1, 10))
    path = tmp_path / log_name(RUN)
    path.write_bytes(path.read_bytes() + b"nonsense\n\xff\xfe\n")
    found = Reading(tmp_path).back()
    assert (len(found.rows), found.unread) == (11, 2)
    cut = compress_by_hand(path)
    cut.write_bytes(cut.read_bytes()[:-10])
    assert Reading(tmp_path).back().unread >= 1


def test_however_long_the_texts_are_an_answer_fits_into_a_frame(tmp_path: Path) -> None:
    bodies = [event(each, **{f"key {each}": "x" * 3000}) for each in range(1, 301)]
    odd = [body.replace(b'"upload"', b'"%d\\u0001%b"' % (index, b"c" * 150)) for index, body in enumerate(bodies)]
    long = [body.replace(b"Event number", b"\\u0001" * 900) for body in odd]
    gaps = [gap(each, each, "r" * 190) for each in range(301, 401)]
    write(tmp_path, opening(run=RUN), *long, *gaps)
    found = Reading(tmp_path).back(rows=MAX_ROWS)
    assert len(encode(found)) < MAX_FRAME
    assert found.skipped
    assert found.lost == 100
    assert sum(each.lines for each in found.tallies) == 401


def read_line(directory: Path, place: Place, skip: int = 0) -> WholeLine:
    opener = Opener()
    answer = one_line(OneLine(RUN, place, skip), Layouts(directory, opener), opener)
    assert isinstance(answer, WholeLine)
    return answer


def test_a_line_comes_whole_with_its_place_in_the_chain(tmp_path: Path) -> None:
    in_parts(tmp_path)
    rows = Reading(tmp_path).back().rows
    middle = read_line(tmp_path, next(row.place for row in rows if row.number == 30))
    raw = (tmp_path / log_name(RUN, 2)).read_bytes().split(b"\n")
    assert (middle.piece, middle.number, middle.file) == (raw[10], 11, log_name(RUN, 2))
    assert (middle.hash, middle.prev) == (head_of(raw[10]), head_of(raw[9]))
    assert (middle.follows, middle.followed) == (True, True)
    first, last = read_line(tmp_path, Place(1, 0)), read_line(tmp_path, rows[0].place)
    assert (first.number, first.follows) == (1, True)
    assert (last.follows, last.followed) == (True, None)
    # Of the beginning of a part, the line before stands in the part before.
    assert read_line(tmp_path, Place(2, 0)).follows is True


def test_an_edited_line_breaks_with_the_one_behind_it(tmp_path: Path) -> None:
    path = write(tmp_path, opening(run=RUN), *events(1, 5))
    path.write_bytes(path.read_bytes().replace(b"file 3.csv", b"file 4.csv"))
    places = {row.number: row.place for row in Reading(tmp_path).back().rows}
    assert (read_line(tmp_path, places[3]).follows, read_line(tmp_path, places[3]).followed) == (True, False)
    assert read_line(tmp_path, places[4]).follows is False


def test_a_long_line_comes_in_pieces(tmp_path: Path) -> None:
    write(tmp_path, opening(run=RUN), event(1, text="y" * 3 * MAX_PIECE))
    place = Reading(tmp_path).back().rows[0].place
    raw = b""
    while len(raw) < (line := read_line(tmp_path, place, len(raw))).size:
        assert len(encode(line)) < MAX_FRAME
        raw += line.piece
    assert raw == (tmp_path / log_name(RUN)).read_bytes().split(b"\n")[1]
