"""Every damage of the vocabulary at every place of a log: found once, with its kind and its line."""

import random

import pytest

from tests.verify.logs import check, event, events, everything, found, gap, head_line, joined, opening, sealed

LINES = everything()
# Line numbers that users see count from 1.
NUMBERED = {line: number for number, line in enumerate(LINES, 1)}
PLACES = range(len(LINES))
NOT_LAST = range(len(LINES) - 1)
WITHOUT_NUMBER = [index for index, line in enumerate(LINES) if b'"repaired_bytes"' in line or b'"outcome"' in line]


def test_an_untouched_log_is_intact_and_summed_up() -> None:
    report = check(joined(LINES))
    assert report.findings == []
    assert (report.events, report.lost, report.first, report.last) == (38, 5, 1, 43)
    assert (report.parts, report.lines, report.state, report.head) == (1, 42, "open", head_line(LINES))
    assert [(note.line, note.text.split(":")[0]) for note in report.notes] == [(14, "gap"), (23, "repair")]


@pytest.mark.parametrize("index", NOT_LAST)
def test_a_changed_message_is_an_edit_of_that_line(index: int) -> None:
    changed = LINES[index].replace(b'"message":"', b'"message":"!', 1)
    report = check(joined([*LINES[:index], changed, *LINES[index + 1 :]]))
    assert found(report) == [("edited", index + 1, index + 1)]


@pytest.mark.parametrize("index", PLACES)
def test_a_changed_prev_is_an_edit_of_that_line(index: int) -> None:
    line = LINES[index]
    changed = line[:-3] + (b"0" if line[-3:-2] != b"0" else b"1") + line[-2:]
    report = check(joined([*LINES[:index], changed, *LINES[index + 1 :]]))
    assert found(report) == [("first line" if index == 0 else "edited", index + 1, index + 1)]


@pytest.mark.parametrize("index", PLACES)
def test_a_changed_number_is_found(index: int) -> None:
    line = LINES[index]
    changed = line.replace(b'"seq":', b'"seq":1', 1).replace(b'"last":', b'"last":1', 1)
    kinds = found(check(joined([*LINES[:index], changed, *LINES[index + 1 :]])))
    assert len(kinds) == 1
    kind, first, last = kinds[0]
    assert (first, last) == (index + 1, index + 1)
    expected = {"edited", "not a line"} if index < len(LINES) - 1 else {"undeclared gap"}
    assert kind in expected


@pytest.mark.parametrize("index", NOT_LAST)
def test_a_deleted_line_is_found_where_it_is_missing(index: int) -> None:
    report = check(joined([*LINES[:index], *LINES[index + 1 :]]))
    if index == 0:
        assert found(report) == [("first line", 1, 1)]
    elif index in WITHOUT_NUMBER:
        # A record without a number of its own leaves no hole in the numbers; the text says both.
        assert found(report) == [("edited", index, index)]
        assert "or a record of the sidecar behind it was deleted" in report.findings[0].text
    else:
        assert found(report) == [("deleted", index + 1, index + 1)]


@pytest.mark.parametrize("index", range(1, len(LINES) - 4))
def test_several_deleted_lines_are_one_finding_that_says_the_numbers(index: int) -> None:
    report = check(joined([*LINES[:index], *LINES[index + 3 :]]))
    assert found(report) == [("deleted", index + 1, index + 1)]


def test_the_deleted_numbers_are_named() -> None:
    report = check(joined([*LINES[:3], *LINES[6:]]))
    assert "numbers 3 to 5" in report.findings[0].text


@pytest.mark.parametrize("index", PLACES)
def test_a_foreign_line_is_found_as_inserted(index: int) -> None:
    foreign = sealed([event(7, note="never happened")], "ab" * 32)[0]
    report = check(joined([*LINES[:index], foreign, *LINES[index:]]))
    assert found(report) == [("inserted", index + 1, index + 1)]


@pytest.mark.parametrize("index", range(1, len(LINES)))
def test_foreign_lines_that_are_chained_well_are_found_as_inserted(index: int) -> None:
    foreign = sealed([event(7), event(8)], head_line(LINES[:index]))
    report = check(joined([*LINES[:index], *foreign, *LINES[index:]]))
    assert found(report) == [("inserted", index + 1, index + 2)]


@pytest.mark.parametrize("index", PLACES)
def test_a_line_of_junk_is_not_a_line(index: int) -> None:
    report = check(joined([*LINES[:index], b"junk \xff", b"", *LINES[index:]]))
    assert found(report) == [("not a line", index + 1, index + 2)]


@pytest.mark.parametrize("index", PLACES)
def test_a_line_doubled_in_place_is_duplicated(index: int) -> None:
    report = check(joined([*LINES[: index + 1], *LINES[index:]]))
    assert found(report) == [("duplicated", index + 2, index + 2)]


@pytest.mark.parametrize("index", PLACES)
def test_a_line_copied_elsewhere_is_duplicated(index: int) -> None:
    for place in (0, 20, len(LINES)):
        if place in (index, index + 1):
            continue
        report = check(joined([*LINES[:place], LINES[index], *LINES[place:]]))
        assert found(report) == [("duplicated", place + 1, place + 1)]


def test_a_doubled_block_is_one_finding() -> None:
    report = check(joined([*LINES[:20], *LINES[12:20], *LINES[20:]]))
    assert found(report) == [("duplicated", 21, 28)]


@pytest.mark.parametrize("index", NOT_LAST)
def test_two_neighbours_swapped_are_reordered(index: int) -> None:
    report = check(joined([*LINES[:index], LINES[index + 1], LINES[index], *LINES[index + 2 :]]))
    assert found(report) == [("reordered", index + 1, index + 2)]


def test_any_two_lines_swapped_are_reordered() -> None:
    for first in PLACES:
        for second in range(first + 1, len(LINES)):
            lines = list(LINES)
            lines[first], lines[second] = lines[second], lines[first]
            assert found(check(joined(lines))) == [("reordered", first + 1, second + 1)]


def test_any_line_moved_elsewhere_is_reordered() -> None:
    for source in PLACES:
        for target in PLACES:
            if source == target:
                continue
            lines = list(LINES)
            lines.insert(target, lines.pop(source))
            places = [NUMBERED[line] for line in lines]
            assert places != sorted(places)
            span = (min(source, target) + 1, max(source, target) + 1)
            assert found(check(joined(lines))) == [("reordered", *span)]


def test_a_log_cut_at_any_byte_is_a_torn_tail_and_only_the_head_tells_it() -> None:
    data = joined(LINES)
    head = head_line(LINES)
    for size in range(len(data) - len(LINES[-1]) * 3, len(data)):
        report = check(data[:size], head=head)
        torn = not data[:size].endswith(b"\n")
        assert report.findings == []
        assert [note.text.startswith("torn tail") for note in report.notes][2:] == ([True] if torn else [])
        assert report.sought is None


def test_each_damage_of_several_is_found_for_itself() -> None:
    lines = list(LINES)
    lines[36] = lines[36].replace(b"Event", b"Other", 1)
    del lines[30]
    lines[20], lines[21] = lines[21], lines[20]
    lines.insert(9, lines[8])
    lines[4] = b"\x00"
    expected = [("not a line", 5, 5), ("duplicated", 10, 10), ("reordered", 22, 23), ("deleted", 32, 32)]
    assert found(check(joined(lines))) == [*expected, ("edited", 37, 37)]


def test_two_edited_neighbours_are_both_named() -> None:
    lines = list(LINES)
    for index in (7, 8):
        lines[index] = lines[index].replace(b"Event", b"Other", 1)
    assert found(check(joined(lines))) == [("edited", 8, 9)]


def test_a_number_left_out_by_the_writer_is_an_undeclared_gap() -> None:
    report = check(joined(sealed([opening(), event(1), event(3), event(4)])))
    assert found(report) == [("undeclared gap", 3, 3)]
    assert "number 2" in report.findings[0].text


@pytest.mark.parametrize("again", [event(2), gap(2, 5), opening(1)])
def test_a_number_written_twice_is_a_repeated_seq(again: bytes) -> None:
    report = check(joined(sealed([opening(), *events(1, 3), again])))
    assert found(report) == [("repeated seq", 5, 5)]


def test_a_gap_that_does_not_join_up_is_an_undeclared_gap() -> None:
    assert found(check(joined(sealed([opening(), event(1), gap(3, 4)])))) == [("undeclared gap", 3, 3)]


def test_a_line_moved_in_a_long_log_is_found_and_the_check_goes_on() -> None:
    lines = sealed([opening(), *events(1, 5000)])
    lines[4000] = lines[4000].replace(b"Event", b"Other", 1)
    lines[100], lines[900] = lines[900], lines[100]
    assert found(check(joined(lines))) == [("reordered", 101, 901), ("edited", 4001, 4001)]


def test_a_line_moved_beyond_the_window_is_still_found() -> None:
    lines = sealed([opening(), *events(1, 5000)])
    lines.insert(4500, lines.pop(50))
    assert found(check(joined(lines))) == [("deleted", 51, 51), ("inserted", 4501, 4501)]


def test_a_log_damaged_from_end_to_end_is_counted_and_not_listed_for_ever() -> None:
    lines = sealed([opening(), *events(1, 50_000)])
    lines = [line for number, line in enumerate(lines) if number % 2 == 0]
    report = check(joined(lines))
    assert len(report.findings) == 100
    assert report.more_findings == 25_000 - 100


def test_random_damage_never_goes_unseen() -> None:
    chooser = random.Random(20261123)  # noqa: S311 - a repeatable choice
    data = joined(LINES)
    safe = len(data) - len(LINES[-1]) - 1
    for _ in range(500):
        start = chooser.randrange(safe)
        end = min(start + chooser.randrange(400), safe)
        damaged = data[:start] + chooser.randbytes(chooser.randrange(60)) + data[end:]
        if damaged != data:
            assert check(damaged).findings, (start, end)
