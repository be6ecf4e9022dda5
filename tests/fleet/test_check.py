"""A run in a stream is judged by its lines, in whatever order and however often they came. Without a server."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.naming import log_name
from sidecar.fleet import survey
from sidecar.fleet.check import Wanted
from sidecar.fleet.errors import CollectorError
from tests.fleet.held import Held, held, lines, message_id, two_parts
from tests.verify.logs import RUN, found, head_line

LINES = lines()


@given(st.permutations(range(len(LINES))), st.lists(st.integers(0, len(LINES) - 1), max_size=12))
def test_in_whatever_order_and_however_often_lines_come_an_intact_run_is_intact(
    order: list[int], again: list[int]
) -> None:
    stream = Held()
    for index in [*order, *again]:
        stream.put(LINES[index], message_id(index + 1))
    report = stream.check()
    assert found(report) == []
    assert (report.events, report.lost, report.state, report.head) == (20, 3, "closed", head_line(LINES))
    assert any("came twice" in note.text for note in report.notes) is bool(again)


@given(st.sets(st.integers(2, len(LINES) - 1), min_size=1, max_size=6))
def test_whichever_lines_are_missing_just_those_are_named(missing: set[int]) -> None:
    stream = held(LINES)
    stream.delete(*missing)
    report = stream.check()
    named = [finding.text for finding in report.findings]
    wanted = []
    for first in sorted(number for number in missing if number - 1 not in missing):
        last = next(number for number in range(first, 99) if number + 1 not in missing)
        wanted.append(f"Line {first} is not here." if first == last else f"Lines {first} to {last} are not here.")
    assert named == wanted
    assert {finding.kind for finding in report.findings} == {"deleted"}


def test_missing_first_lines_are_a_damage_unless_the_stream_keeps_no_more() -> None:
    stream = held(LINES)
    stream.delete(1, 2, 3)
    assert found(stream.check()) == [("deleted", 4, 4)]
    report = stream.check(Wanted(whole=False))
    assert found(report) == []
    assert [note.text for note in report.notes if "start" in note.text] == [
        "Lines 1 to 3 are not here, so the start could not be checked"
    ]


def test_a_part_that_is_missing_and_the_end_of_one_that_is_are_found_by_the_next() -> None:
    first, second = two_parts()
    stream = Held()
    for number, body in enumerate(second, 1):
        stream.put(body, message_id(number, 2))
    assert found(stream.check()) == [("missing part", 0, 0)]
    stream = Held()
    for part, bodies in ((1, first[:-2]), (2, second)):
        for number, body in enumerate(bodies, 1):
            stream.put(body, message_id(number, part))
    assert found(stream.check()) == [("deleted", 1, 1)]


@given(st.integers(0, len(LINES) - 2), st.integers(0, 7))
def test_any_bit_that_is_flipped_in_any_line_but_the_last_is_found(index: int, bit: int) -> None:
    bodies = list(LINES)
    body = bytearray(bodies[index])
    # Somewhere else in each line.
    body[index * 7919 % len(body)] ^= 1 << bit
    bodies[index] = bytes(body)
    assert held(bodies).check().findings


def test_a_run_written_anew_under_the_same_ids_is_found_and_what_came_first_counts() -> None:
    stream = held(LINES)
    other = lines(19)
    for number, body in enumerate(other[3:], 4):
        stream.put(body, message_id(number))
    report = stream.check()
    assert found(report) == [("rewritten", 4, len(other))]
    assert report.head == head_line(LINES)


def test_the_same_lines_twice_is_no_damage_and_one_other_byte_among_them_is() -> None:
    for changed in (0, 1):
        stream = held(LINES)
        for number, body in enumerate(LINES, 1):
            stream.put(body + b" " * (changed and number == 7), message_id(number))
        assert [kind for kind, _, _ in found(stream.check())] == ["rewritten"] * changed


@pytest.mark.parametrize("stranger", ["", "20261123T153000Z-0badcafe.1.3", f"{RUN}.0.1", f"{RUN}.1.01", "x" * 300])
def test_a_message_that_is_none_of_the_runs_lines_is_found_and_disturbs_nothing(stranger: str) -> None:
    stream = Held()
    for number, body in enumerate(LINES, 1):
        stream.put(body, message_id(number))
        if number == 5:
            stream.put(b'{"stream":"AUDIT","seq":11}', stranger)
    report = stream.check()
    assert found(report) == [("inserted", 0, 0)]
    assert report.events == 20


def test_a_run_under_two_machines_names_is_found_under_both() -> None:
    report = held(LINES).check(Wanted(elsewhere=("other",)))
    assert [
        (each.kind, "published by other, too; its opening line names desk" in each.text) for each in report.findings
    ] == [("wrong host", True)]


def test_a_head_noted_elsewhere_is_found_with_what_came_since_or_missed() -> None:
    noted = head_line(LINES[:10])
    report = held(LINES).check(Wanted(head=noted))
    assert "the head that was noted is this line's; 13 lines came since" in [note.text for note in report.notes]
    assert found(held(lines(18)).check(Wanted(head=head_line(LINES)))) == [("head not found", 0, 0)]


def test_a_disorder_that_no_forwarder_makes_is_said_and_takes_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey, "MAX_STRETCHES", 5)
    stream = Held()
    for number in reversed(range(1, len(LINES) + 1)):
        stream.put(LINES[number - 1], message_id(number))
    [run] = stream.survey()
    assert (len(run.stretches), run.unkept) == (5, len(LINES) - 5)
    report = stream.check()
    assert report.findings[-1].kind == "reordered"
    assert "18 lines could not be checked" in report.findings[-1].text


def test_a_stream_that_changes_while_it_is_read_is_no_verdict() -> None:
    stream = held(LINES)
    [run] = stream.survey()
    stream.delete(8)
    stream.survey = lambda: [run]  # type: ignore[method-assign]
    with pytest.raises(CollectorError, match=r"line 8 of part 1 is gone. Run this again"):
        stream.check()


def test_places_are_named_by_the_parts_own_lines() -> None:
    first, second = two_parts()
    stream = Held()
    for part, bodies in ((1, first), (2, second)):
        for number, body in enumerate(bodies, 1):
            stream.put(body, message_id(number, part))
    stream.messages[14] = stream.messages[14]._replace(body=stream.messages[14].body.replace(b"file", b"FILE"))
    [finding] = stream.check().findings
    assert (finding.kind, finding.first.file, finding.first.number) == ("edited", log_name(RUN, 2), 4)
