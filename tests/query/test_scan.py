"""Reading the files of one log: what cannot match is not read, what cannot be read is noted."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.chain import GENESIS, event_body, format_time, sidecar_body
from shared.naming import log_name
from sidecar.compression import BrokenError
from sidecar.log_tail import LONGEST_LINE
from sidecar.parts import find_logs
from sidecar.query.lines import Filter, Opening
from sidecar.query.scan import Unread, is_over, scan
from tests.compress.logs import compress_by_hand, in_parts
from tests.verify.logs import RUN, START, event, events, head_line, joined, opening, sealed

# 2.5 minutes; 24 of them are an hour.
STEP = 150_000_000


def write_parts(directory: Path, steps: list[list[int]]) -> list[Path]:
    """A part for each list: its opening at the first of these steps after START, events at the others."""
    paths, head, seq = [], GENESIS, 0
    for part, (opened, *others) in enumerate(steps, 1):
        bodies = [sidecar_body(START + opened * STEP, "info", "Log opened", {"run": RUN, "part": part, "lost": 0}, seq)]
        for step in others:
            seq += 1
            bodies.append(event_body(START + step * STEP, "info", "nav", "", f"At step {step}", {}, seq))
        lines = sealed(bodies, head)
        head = head_line(lines)
        paths.append(directory / log_name(RUN, part))
        paths[-1].write_bytes(joined(lines))
    return paths


def at(step: int) -> str:
    return format_time(START + step * STEP)


def found(directory: Path, wanted: Filter) -> tuple[list[str], Unread]:
    [log] = find_logs(directory)
    unread = Unread()
    return [match.line.message for match in scan(log, RUN, wanted, unread)], unread


def test_a_part_is_not_read_when_the_next_was_opened_more_than_an_hour_before(tmp_path: Path) -> None:
    one, two, _ = write_parts(tmp_path, [[0, 1, 2], [3, 30], [31, 55, 56]])
    # Proof: what is no line would be counted.
    for path in (one, two):
        path.write_bytes(path.read_bytes() + b"junk\n")
    everything = ["At step 1", "At step 2", "At step 30", "At step 55", "At step 56"]
    messages, unread = found(tmp_path, Filter())
    assert ([each for each in messages if each != "Log opened"], unread.lines) == (everything, 2)
    assert found(tmp_path, Filter(since=at(27))) == (
        ["At step 30", "Log opened", "At step 55", "At step 56"],
        Unread(2),
    )
    assert found(tmp_path, Filter(since=at(28))) == (
        ["At step 30", "Log opened", "At step 55", "At step 56"],
        Unread(1),
    )
    assert found(tmp_path, Filter(since=at(56))) == (["At step 56"], Unread(0))


def test_a_clock_set_back_by_minutes_hides_nothing(tmp_path: Path) -> None:
    write_parts(tmp_path, [[0, 20], [1, 2], [3, 4]])
    assert found(tmp_path, Filter(since=at(18)))[0] == ["At step 20"]


def test_an_event_that_came_late_is_found_by_its_own_time(tmp_path: Path) -> None:
    # No sidecar was there for two hours.
    write_parts(tmp_path, [[48, 1, 2], [49, 3]])
    assert found(tmp_path, Filter(until=at(2)))[0] == ["At step 1", "At step 2"]


@pytest.mark.parametrize("line", [b"junk\n", b"", b'{"ts":"2000-01-01T00:00:00.000000Z"}\n'])
def test_a_next_part_that_does_not_say_when_it_was_opened_proves_nothing(tmp_path: Path, line: bytes) -> None:
    _, two = write_parts(tmp_path, [[0, 1], [2, 3]])
    two.write_bytes(line)
    [log] = find_logs(tmp_path)
    one = next(iter(log.parts.values()))
    one.write_bytes(b"junk\n" * 7)
    assert found(tmp_path, Filter(since=at(1000)))[1].lines == 7 + line.count(b"\n")


def test_the_time_of_an_event_is_no_time_of_opening(tmp_path: Path) -> None:
    one, two = write_parts(tmp_path, [[0, 1], [2, 3]])
    two.write_bytes(two.read_bytes().partition(b"\n")[2])
    one.write_bytes(b"junk\n")
    assert found(tmp_path, Filter(since=at(1000)))[1].lines == 1


def opening_at(moment: str) -> Opening:
    return Opening("audit", moment, RUN, 2, 5, GENESIS)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), st.timedeltas(timedelta(hours=-3), timedelta(hours=3)))  # noqa: DTZ001 - UTC, as in the log
def test_over_means_more_than_an_hour_before(since: datetime, later: timedelta) -> None:
    opened, wanted = (f"{moment.isoformat(timespec='microseconds')}Z" for moment in (since - later, since))
    assert is_over(opening_at(opened), wanted) == (later > timedelta(hours=1))


def test_nothing_is_over_when_nothing_is_said() -> None:
    assert not is_over(None, at(0))
    assert not is_over(opening_at("yesterday"), at(0))
    assert not is_over(opening_at(at(0)), "")


def go_on(directory: Path, part: int, lines: list[bytes], last: int, seq: int) -> list[bytes]:
    """A part that goes on from the last of `lines`, with one event."""
    record = opening(last, part, run=RUN, continues="was damaged")
    written = sealed([record, event(seq)], head_line(lines))
    (directory / log_name(RUN, part)).write_bytes(joined(written))
    return written


@pytest.mark.parametrize("since", ["", at(0)])
def test_what_stands_behind_the_line_that_the_log_goes_on_from_is_left_out(tmp_path: Path, since: str) -> None:
    one = sealed([opening(run=RUN), *events(1, 4)])
    # The hole that a power cut left, whole lines behind it, and a torn one.
    (tmp_path / log_name(RUN)).write_bytes(joined([*one[:3], bytes(300), *one[4:]]) + b'{"ts":')
    go_on(tmp_path, 2, one[:3], 2, 3)
    messages, unread = found(tmp_path, Filter(text="Event number", since=since))
    assert messages == [f"Event number {seq}" for seq in (1, 2, 3)]
    assert unread == Unread()


def test_a_foreign_file_in_the_place_of_a_part_is_left_out(tmp_path: Path) -> None:
    one = sealed([opening(run=RUN), *events(1, 4)])
    (tmp_path / log_name(RUN)).write_bytes(joined(one))
    (tmp_path / log_name(RUN, 2)).write_bytes(b"shopping list\nmilk\n")
    go_on(tmp_path, 3, one, 4, 5)
    messages, unread = found(tmp_path, Filter(text="Event number"))
    assert messages == [f"Event number {seq}" for seq in range(1, 6)]
    assert unread == Unread()


def test_a_log_that_goes_on_twice_from_one_line_goes_on_in_the_last_part(tmp_path: Path) -> None:
    one = sealed([opening(run=RUN), *events(1, 4)])
    (tmp_path / log_name(RUN)).write_bytes(joined(one) + b"junk\n")
    (tmp_path / log_name(RUN, 2)).write_bytes(go_on(tmp_path, 2, one, 4, 5)[0] + b"\njunk\n")
    go_on(tmp_path, 3, one, 4, 5)
    messages, unread = found(tmp_path, Filter(text="Event number"))
    assert messages == [f"Event number {seq}" for seq in range(1, 6)]
    assert unread == Unread()


def test_a_part_that_goes_on_from_nowhere_hides_nothing(tmp_path: Path) -> None:
    one = sealed([opening(run=RUN), *events(1, 4)])
    (tmp_path / log_name(RUN)).write_bytes(joined(one) + b"junk\n")
    go_on(tmp_path, 2, sealed(events(1, 2)), 4, 5)
    messages, unread = found(tmp_path, Filter(text="Event number"))
    assert messages == [f"Event number {seq}" for seq in range(1, 6)]
    assert unread == Unread(1)


def test_a_torn_tail_is_no_line_and_no_trouble(tmp_path: Path) -> None:
    [path] = write_parts(tmp_path, [[0, 1]])
    with path.open("ab") as file:
        file.write(b'{"ts":"2026-11-23T1')
    assert found(tmp_path, Filter()) == (["Log opened", "At step 1"], Unread())


def test_a_line_that_no_sidecar_writes_is_counted_however_long_it_is(tmp_path: Path) -> None:
    one, _ = write_parts(tmp_path, [[0, 1], [2, 3]])
    with one.open("ab") as file:
        file.write(b"\x00" * 3 * LONGEST_LINE + b"\n\n")
    assert found(tmp_path, Filter(text="step")) == (["At step 1", "At step 3"], Unread(2))


def test_parts_in_both_forms_are_read_once(tmp_path: Path) -> None:
    paths = in_parts(tmp_path)
    compress_by_hand(paths[0])
    compress_by_hand(paths[1], keep=True)
    messages, unread = found(tmp_path, Filter(text="Event number"))
    assert messages == [f"Event number {seq}" for seq in range(1, 61)]
    assert unread == Unread()


def test_what_cannot_be_read_is_noted_and_the_rest_is_still_found(tmp_path: Path) -> None:
    paths = in_parts(tmp_path, last=4)
    broken = compress_by_hand(paths[1])
    broken.write_bytes(broken.read_bytes()[:-3])
    paths[2].unlink()
    paths[2].mkdir()
    messages, unread = found(tmp_path, Filter(text="Event number"))
    # All of it came out of the broken one before its end was missing.
    assert messages == [f"Event number {seq}" for seq in (*range(1, 41), *range(61, 81))]
    assert [(path, type(error)) for path, error in unread.problems] == [(broken, BrokenError), (paths[2], OSError)]
