"""A log in several parts is one chain."""

import pytest

from shared.chain import GENESIS
from shared.wire import MISSING
from tests.verify.logs import (
    RUN,
    check,
    closing,
    event,
    events,
    found,
    gap,
    head_line,
    joined,
    opening,
    sealed,
)

ONE = sealed([opening(), *events(1, 8)])
TWO = sealed([opening(8, 2), *events(9, 14)], head_line(ONE))
THREE = sealed([opening(14, 3), *events(15, 20), closing(20)], head_line(TWO))
PARTS = [joined(lines) for lines in (ONE, TWO, THREE)]


def test_parts_are_summed_up_as_one_log() -> None:
    report = check(*PARTS, head=head_line(ONE))
    assert (report.findings, report.notes) == ([], [])
    assert (report.parts, report.events, report.first, report.last, report.state) == (3, 20, 1, 20, "closed")
    assert report.head == head_line(THREE)
    assert report.sought is not None
    assert (report.sought.file, report.since) == (f"datatools-{RUN}.jsonl", len(TWO) + len(THREE))


def test_a_missing_middle_part_is_damage() -> None:
    report = check(PARTS[0], PARTS[2], numbers=[1, 3], whole=False)
    assert found(report) == [("missing part", 0, 0)]
    assert "Part 2 is not here" in report.findings[0].text


def test_missing_first_parts_are_damage_in_a_directory_and_a_note_for_a_file() -> None:
    report = check(PARTS[2], numbers=[3])
    assert [(finding.kind, finding.text) for finding in report.findings] == [
        ("missing part", "Parts 1 to 2 are not here.")
    ]
    report = check(PARTS[2], numbers=[3], whole=False)
    assert report.findings == []
    assert "the start could not be checked" in report.notes[0].text


@pytest.mark.parametrize("cut", [1, 3])
def test_the_cut_end_of_a_part_is_found_by_the_next(cut: int) -> None:
    report = check(joined(ONE[:-cut]), *PARTS[1:])
    assert [(finding.kind, finding.first.file, finding.first.number) for finding in report.findings] == [
        ("deleted", f"datatools-{RUN}.2.jsonl", 1)
    ]


def test_an_edited_last_line_of_a_part_is_found_by_the_next() -> None:
    lines = [*ONE[:-1], ONE[-1].replace(b"Event", b"Other", 1)]
    report = check(joined(lines), *PARTS[1:])
    assert [(finding.kind, finding.first.file, finding.first.number) for finding in report.findings] == [
        ("edited", f"datatools-{RUN}.jsonl", len(ONE))
    ]


def test_a_torn_line_in_a_part_that_is_not_the_last_is_damage() -> None:
    report = check(PARTS[0][:-1], *PARTS[1:])
    assert found(report) == [("not a line", len(ONE), len(ONE))]
    assert "no newline" in report.findings[0].text


def test_exchanged_parts_are_found() -> None:
    assert [kind for kind, _, _ in found(check(PARTS[1], PARTS[0], PARTS[2]))] != []


def test_a_file_under_the_name_of_another_run_or_part_is_found() -> None:
    report = check(joined(sealed([opening(part=2), *events(1, 3)])))
    assert found(report) == [("first line", 1, 1)]
    assert "the file's name says otherwise" in report.findings[0].text


def test_a_part_that_starts_its_own_chain_is_found() -> None:
    two = sealed([opening(8, 2), *events(9, 14)], GENESIS)
    report = check(PARTS[0], joined(two))
    assert [(finding.kind, finding.first.number) for finding in report.findings] == [("edited", len(ONE))]


def test_a_part_may_go_on_from_the_last_good_line_of_a_damaged_one() -> None:
    # The last two lines of part 1 rotted; the sidecar left them and went on from the one before.
    rotten = joined(ONE[:-2]) + b"\x00" * 300 + b"\n" + b"\xff" * 20 + b"\n"
    bodies = [opening(6, 2, continues="line 8 of part 1 is not a line"), gap(7, 8, MISSING), event(9)]
    report = check(rotten, joined(sealed(bodies, head_line(ONE[:-2]))))
    assert found(report) == [("not a line", 8, 9)]
    assert [note.text.split(":")[0] for note in report.notes] == ["goes on in a new part", "gap"]


def test_holes_behind_the_line_from_which_the_next_part_goes_on_are_a_power_cuts_trace() -> None:
    lost = sealed(events(9, 12), head_line(ONE))
    torn = joined(ONE) + b"\x00" * 300 + joined(lost)[300:]
    assert [kind for kind, _, _ in found(check(torn))] != [], "before a sidecar took it up, nobody can tell"
    bodies = [opening(8, 2, continues="is damaged"), event(9)]
    report = check(torn, joined(sealed(bodies, head_line(ONE))))
    assert report.findings == []
    assert (
        report.notes[0].text
        == f"unfinished write: {len(joined(lost))} bytes with holes in them, as a power cut leaves them"
    )
    assert (report.events, report.last) == (9, 9)


def test_holes_before_the_line_from_which_the_next_part_goes_on_are_damage() -> None:
    rotten = joined(ONE[:4]) + b"\x00" * 40 + joined(ONE[4:])[40:]
    bodies = [opening(8, 2, continues="is damaged"), event(9)]
    assert found(check(rotten, joined(sealed(bodies, head_line(ONE))))) == [("not a line", 5, 5)]


def test_a_part_may_go_on_from_behind_a_torn_tail_that_nobody_could_cut() -> None:
    bodies = [opening(8, 2, continues="could not cut"), event(9)]
    report = check(joined(ONE) + b'{"ts":"2026', joined(sealed(bodies, head_line(ONE))))
    assert report.findings == []
    assert report.notes[0].text.startswith("torn tail: 11 bytes")


def test_lines_behind_the_point_where_the_next_part_goes_on_are_inserted() -> None:
    forged = sealed(events(9, 10), head_line(ONE))
    bodies = [opening(8, 2, continues="the file was changed by another program"), event(9)]
    report = check(joined([*ONE, *forged]), joined(sealed(bodies, head_line(ONE))))
    assert found(report) == [("inserted", len(ONE) + 1, len(ONE) + 2)]


def test_a_part_may_go_on_from_a_part_before_the_last() -> None:
    # A foreign file stood where part 2 belongs.
    bodies = [opening(8, 3, continues="a file stood in the place of part 2"), event(9), event(10)]
    three = joined(sealed(bodies, head_line(ONE)))
    assert found(check(PARTS[0], b"shopping list\nmilk\n", three)) == [("not a line", 1, 2)]
    assert found(check(PARTS[0], b"", three)) == []
    assert [(each.kind, each.first.file[-8:], each.first.number) for each in check(*PARTS[:2], three).findings] == [
        ("inserted", ".2.jsonl", 1)
    ]


def test_a_part_may_go_on_from_the_start_when_the_first_line_cannot_be_read() -> None:
    bodies = [opening(0, 2, continues="no line of it can be read"), gap(1, 8, MISSING), event(9)]
    two = joined(sealed(bodies))
    assert found(check(joined([b"\xff" * 20, *ONE[1:]]), two)) == [("not a line", 1, 1)]
    report = check(PARTS[0], two)
    assert found(report) == [("inserted", 1, len(ONE))]
    assert report.findings[0].text == "The log goes on from its start: this was never part of it."


def test_a_part_that_goes_on_from_nowhere_is_found() -> None:
    bodies = [opening(8, 2, continues="trust me"), event(9)]
    assert found(check(PARTS[0], joined(sealed(bodies, "ab" * 32)))) == [("edited", len(ONE), len(ONE))]


def test_an_empty_file_is_a_log_that_was_not_begun() -> None:
    report = check(b"")
    assert (report.findings, report.head) == ([], "")
    assert [note.text for note in report.notes] == ["empty"]


@pytest.mark.parametrize(
    ("bodies", "state"),
    [
        ([closing(3)], "closed"),
        ([closing(3, "vanished")], "vanished"),
        ([closing(3), event(4)], "open"),
        ([closing(3), gap(4, 5)], "open"),
        ([event(4), closing(4, "vanished"), event(5), closing(5)], "closed"),
    ],
)
def test_the_state_is_what_the_end_says(bodies: list[bytes], state: str) -> None:
    report = check(joined(sealed([opening(), *events(1, 3), *bodies])))
    assert (report.findings, report.state) == ([], state)
