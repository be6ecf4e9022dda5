"""What does the sidecar make of a log that somebody else touched? It leaves it as it is, says so, and goes on beside it."""

import errno
import os
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import pair
from tests.fault.damage import joined, rewritten
from tests.fault.mount import Mount, needs_fuse
from tests.fault.recording import Recording
from tests.fault.saying import refusal, said_of
from tests.fault.telling import EVENT, MISSING, first_line
from tests.fault.touched import touch_part
from tests.fault.touches import (
    CUT,
    LONGER,
    TOUCHES,
    append_a_forged_line,
    append_garbage,
    cut_to_nothing,
    delete,
    evidence,
)
from tests.support.processes import Pair
from tests.support.waiting import until

__all__ = ["pair"]


def test_a_log_that_is_touched_while_it_is_open_is_gone_on_with_beside_it(
    recording: Recording, subtests: pytest.Subtests
) -> None:
    told = [EVENT] * 5
    for number, touch in enumerate(TOUCHES, 1):
        touched = touch_part(touch, recording, number)
        told[number * 5 - 5 + touch.left :] = [MISSING] * (5 - touch.left)
        recording.write(5)
        told += [EVENT] * 5
        with subtests.test(touch.name):
            touched.check_left_alone(touch.said)
            assert recording.told() == told
            assert recording.producer.status()["lost"] == told.count(MISSING)
    code, printed, _ = recording.pair.verify()
    with subtests.test("verify"):
        assert code == 1
        for number, touch in enumerate(TOUCHES, 1):
            named = said_of(printed, recording.part(number).name) + said_of(printed, recording.part(number + 1).name)
            # Neighbours are missed together, by the part behind them.
            named = printed if touch.damage == "missing part" else named
            assert not touch.damage or said_of(named, f": {touch.damage}: "), (touch.name, printed)


def test_a_line_forged_behind_a_part_stands_for_no_event_of_the_next_part_when_that_is_deleted(
    recording: Recording,
) -> None:
    append_a_forged_line(recording.log_file)
    recording.write(2)
    delete(recording.part(2))
    recording.write(2)
    assert recording.told() == [EVENT] * 5 + [MISSING] * 2 + [EVENT] * 2
    assert recording.producer.status()["lost"] == 2


def test_logs_that_were_touched_while_no_sidecar_ran_are_taken_up_or_gone_on_with_beside_them(
    pair: Pair, subtests: pytest.Subtests
) -> None:
    # A line forged with a chain that fits is the limit: only a head that was noted shows that one was added.
    touches = [touch for touch in TOUCHES if touch.do is not append_a_forged_line]
    recordings = Recording.several(pair, len(touches))
    for recording in recordings:
        recording.write(5)
    recordings[0].kill_sidecar()
    touched = [touch_part(*each) for each in zip(touches, recordings, strict=True)]
    for recording in recordings:
        recording.log(2)
    sidecar = pair.ready_sidecar()
    for recording in recordings:
        recording.sidecar = sidecar
        recording.wait_durable()
    verified = pair.verify()[1]
    for each in touched:
        with subtests.test(each.touch.name):
            each.check_told()
            if each.touch.found:
                each.check_left_alone(each.touch.found)
                each.check_verified(verified, each.touch.damage)
            else:
                each.check_taken_up()
                each.check_verified(verified, "")


def test_a_log_that_is_touched_again_and_again_while_events_flow_tells_every_number_once(pair: Pair) -> None:
    recording = Recording(pair)
    recording.producer.ask("flood", 1, 500, 100)
    # What is cut or appended in the very instant of a write stands among its lines, a limit: so only what takes the file away.
    touches = [touch for touch in TOUCHES if touch.said not in {CUT, LONGER}]
    for number, touch in enumerate(touches, 1):
        log = recording.part(number)
        until(lambda log=log: log.exists() and log.read_bytes().count(b"\n") > 5, f"lines in part {number}")  # type: ignore[misc]
        touch.do(log)
    until(recording.part(len(touches) + 1).exists, "the last part")
    [logged] = recording.producer.ask("stop_flood")["logged"]
    recording.last += logged
    recording.write()
    recording.wait_said("the log goes on in", len(touches))
    told = recording.told()
    assert set(told) == {EVENT, MISSING}
    assert recording.producer.status()["lost"] == told.count(MISSING)


def test_a_line_edited_in_place_while_the_log_is_open_is_found_by_verify(recording: Recording) -> None:
    log = recording.log_file
    for event in (b"event 5", b"event 2"):
        content = log.read_bytes()
        with log.open("r+b") as file:
            file.seek(content.index(event))
            file.write(b"EVENT")
        recording.write(2)
    code, printed, _ = recording.pair.verify()
    assert code == 1
    damaged = said_of(printed, ": edited: ")
    assert [line.partition(": ")[0] for line in damaged] == [f"{log.name}:3", f"{log.name}:6"]
    assert recording.parts == [log]


def test_a_last_line_edited_while_no_sidecar_ran_is_found_by_the_head_that_was_noted(recording: Recording) -> None:
    head = recording.producer.status()["head"]
    recording.kill_sidecar()
    log = recording.log_file
    log.write_bytes(log.read_bytes().replace(b"event 5", b"EVENT 5"))
    recording.start_sidecar()
    recording.write(2)
    code, printed, _ = recording.pair.run("-m", "sidecar", "verify", "--head", head, str(recording.pair.audit))
    assert code == 1
    assert said_of(printed, "head not found")


def test_an_end_written_anew_while_no_sidecar_ran_is_found_by_the_hash_that_the_gui_was_told(
    recording: Recording,
) -> None:
    recording.kill_sidecar()
    log = recording.log_file
    log.write_bytes(joined(rewritten(log.read_bytes().split(b"\n")[:-1], 3)))
    before = evidence(log)
    recording.start_sidecar()
    recording.write(2)
    recording.wait_said("is damaged: the line that was acknowledged as number 5 is not the one that stands there", 1)
    assert (evidence(log), recording.told(), recording.producer.status()["lost"]) == (before, [EVENT] * 7, 0)
    code, printed, _ = recording.pair.verify()
    assert code == 1
    assert said_of(printed, ": edited: ")


def test_what_stands_where_the_next_part_belongs_is_left_alone(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATATOOLS_AUDIT_PART_BYTES", "1024")
    recording = Recording(pair)
    recording.write(1, 1024)
    in_the_way = [recording.part(number) for number in range(2, 6)]
    mine, directory, pipe, link = in_the_way
    mine.write_text("mine\n")
    directory.mkdir()
    os.mkfifo(pipe)
    link.symlink_to(pair.root / "elsewhere")
    found = [evidence(path) for path in in_the_way]
    recording.write(1)
    # The next one takes it up behind all of that.
    recording.kill_sidecar()
    recording.start_sidecar()
    recording.write(1)
    assert [evidence(path) for path in in_the_way] == found
    assert not (pair.root / "elsewhere").exists()
    assert first_line(recording.part(6))["continues"] == f"{link.name} stood there already"
    assert recording.told() == [EVENT] * 3
    assert recording.producer.status()["lost"] == 0


def test_a_file_with_the_highest_part_number_does_not_hide_what_is_written_behind_it(recording: Recording) -> None:
    recording.kill_sidecar()
    recording.part(999_999_999).write_text("garbage\n")
    for _ in range(2):
        recording.start_sidecar()
        recording.write(2)
        recording.kill_sidecar()
    assert recording.told() == [EVENT] * 9
    assert said_of(recording.pair.verify()[1], "9 events (1 to 9), 0 lost")


@needs_fuse
def test_what_somebody_does_to_a_log_while_the_disk_fails_is_not_undone(
    pair: Pair, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    touches = [touch for touch in TOUCHES if touch.do in {append_garbage, delete, cut_to_nothing}]
    with closing(Mount(tmp_path)) as mount:
        pair.audit = mount.path / "logs"
        recordings = Recording.several(pair, len(touches))
        for recording in recordings:
            recording.write(5)
        mount.fail("fsync", errno.EIO)
        for recording in recordings:
            recording.log(2)
            # A line of them is in the file, and nobody can say whether it will stay.
            until(lambda log=recording.log_file: log.read_bytes().count(b"\n") > 6, "a seventh line")  # type: ignore[misc]
        recordings[0].check_failing(refusal(errno.EIO), recordings[0].log_file)
        touched = [touch_part(*each) for each in zip(touches, recordings, strict=True)]
        mount.mend()
        for each in touched:
            with subtests.test(each.touch.name):
                each.recording.wait_durable()
                each.check_told()
                each.check_left_alone(each.touch.said)
        recordings[0].kill_sidecar()
