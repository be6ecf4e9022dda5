"""What `verify` finds, as an answer: all that matters, within a frame."""

from pathlib import Path

import pytest

from shared.errors import SettingsError
from shared.naming import log_name
from shared.questions import Job, Verify, encode
from shared.wire import MAX_FRAME
from sidecar.reader.verifying import verdict, verify
from sidecar.verify.explain import Finding
from sidecar.verify.line import Line
from sidecar.verify.report import Report
from tests.compress.logs import compress_by_hand, in_parts, write
from tests.verify.logs import RUN, events, everything, joined, opening

OTHER = "20261124T153000Z-b1b2c3d4"


def nothing(_done: int, _total: int) -> None:
    pass


def test_damage_gaps_and_what_a_crash_leaves_are_told_apart(tmp_path: Path) -> None:
    lines = everything()
    data = joined([*lines[:20], lines[20].replace(b"file 2", b"file 3"), *lines[21:]]) + b'{"ts":"2026-11'
    (tmp_path / log_name(RUN)).write_bytes(data)
    write(tmp_path, opening(run=OTHER), *events(1, 5), run=OTHER)
    found = verify(Verify(RUN), tmp_path, nothing)
    [damage] = found.damages
    assert (damage.kind, damage.file, damage.first, damage.last) == ("edited", log_name(RUN), 21, 21)
    assert [note.kind for note in found.notes] == ["gap", "repair", "torn"]
    assert (found.events, found.lost, found.state) == (38, 5, "open")
    assert verify(Verify(OTHER), tmp_path, nothing).damages == []


def test_a_head_that_was_noted_is_looked_for(tmp_path: Path) -> None:
    write(tmp_path, opening(run=RUN), *events(1, 5))
    head = verify(Verify(RUN), tmp_path, nothing).head
    write(tmp_path, opening(run=RUN), *events(1, 7))
    assert (
        verify(Verify(RUN, head), tmp_path, nothing).sought,
        verify(Verify(RUN, "0" * 64), tmp_path, nothing).sought,
    ) == (
        True,
        False,
    )
    assert verify(Verify(RUN, head), tmp_path, nothing).since == 2


def test_it_says_how_far_it_is_never_back_and_never_more_than_all(tmp_path: Path) -> None:
    head = in_parts(tmp_path, last=3)[2]
    write(tmp_path, *[opening(0, 3, run=RUN)], *events(1, 20_000), part=3)
    compress_by_hand(head)
    said: list[tuple[int, int]] = []
    verify(Verify(RUN), tmp_path, lambda done, total: said.append((done, total)))
    assert len(said) > 3
    assert said == sorted(said)
    assert all(done <= total == said[0][1] for done, total in said)


def test_no_log_says_so(tmp_path: Path) -> None:
    write(tmp_path, opening(run=OTHER), run=OTHER)
    with pytest.raises(SettingsError, match=f"no log of run {RUN}"):
        verify(Verify(RUN), tmp_path, nothing)


def test_of_endless_damages_with_long_texts_an_answer_fits_into_a_frame() -> None:
    report = Report()
    for number in range(1, 200):
        here = Line("\N{GRINNING FACE}" * 300, number, "", "", 1, 0)
        report.find(Finding("edited", here, here, "\N{GRINNING FACE}" * 2_000))
        report.note("\x00" * 300, number, "gap: \N{GRINNING FACE}" + "x" * 2_000)
    found = verdict(report, asked=True)
    assert len(encode(Job("0" * 16, 1, 1, verdict=found))) < MAX_FRAME
    assert len(found.damages) + found.more_damages == len(found.notes) + found.more_notes == 199
    assert found.sought is False
