"""Quiet or silent, aged or taken away: judged by the server's times. Without a server."""

import pytest

from shared.chain import format_time
from sidecar.fleet.judgement import must_be_whole, stream_damages, stream_notes
from sidecar.fleet.liveness import judge, span
from sidecar.fleet.message import Attestation, log_time
from sidecar.fleet.state import StreamState, read_state
from sidecar.fleet.survey import RunSurvey, Survey
from tests.verify.logs import RUN, START

MINUTE = 60_000_000
NOW = format_time(START + 1_000 * MINUTE)


def run(quiet: int, attested: int | None = 60) -> RunSurvey:
    """A run whose last line was stored so many minutes ago."""
    found = RunSurvey("desk", RUN, f"audit.desk.{RUN}", last_stored=format_time(START + (1_000 - quiet) * MINUTE))
    if attested is not None:
        found.attested, found.attested_at = Attestation("audit", found.last_stored, attested, 5, 5), found.last_stored
    return found


@pytest.mark.parametrize(
    ("quiet", "attested", "state", "text"),
    [
        (0, 60, "alive", "open, last attested 2026-11-24 08:10:00"),
        (75, 60, "alive", "open, last attested"),
        (76, 60, "silent", "silent for 76 min: machine off, cut off, or its lines taken away"),
        (76, 120, "alive", "open, last attested"),
        (16, 1, "alive", "open, last attested"),
        (17, 1, "silent", "silent for 17 min"),
        (75, None, "alive", "open, not yet attested"),
        (76, None, "silent", "it never attested: is DATATOOLS_AUDIT_ATTEST_MINUTES off there?"),
    ],
)
def test_an_open_run_is_silent_when_its_next_attestation_is_overdue(
    quiet: int, attested: int | None, state: str, text: str
) -> None:
    life = judge(run(quiet, attested), "open", NOW, 15)
    assert life.state == state
    assert text in life.text


@pytest.mark.parametrize("state", ["closed", "vanished"])
def test_a_run_that_ended_is_never_silent(state: str) -> None:
    assert judge(run(900), state, NOW, 15).state == "closed"


def test_spans_are_told_in_units_that_people_use() -> None:
    assert [span(minutes) for minutes in (3.4, 119, 150, 2_879, 2_880)] == ["3 min", "119 min", "2 h", "48 h", "2 days"]


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-26T12:57:45.916256598Z", "2026-11-26T12:57:45.916256Z"),
        ("2026-11-26T12:57:45.9Z", "2026-11-26T12:57:45.900000Z"),
        ("2026-11-26T12:57:45Z", "2026-11-26T12:57:45.000000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"),
        ("yesterday", ""),
    ],
)
def test_the_servers_times_are_read_with_however_many_digits(text: str, time: str) -> None:
    assert log_time(text) == time


def state(first: int = 1, days: float = 400, deleted: int = 0, *, drops_old: bool = False) -> StreamState:
    ranges = [(7, 7), (9, 12)] if deleted == 5 else []
    return StreamState(90, first, 100, NOW, NOW, NOW, deleted, ranges, days, drops_old, is_protected=True, replicas=1)


def test_only_a_run_older_than_the_stream_keeps_may_lack_its_start() -> None:
    old, young = "20251001T000000Z-a1b2c3d4", RUN
    assert [must_be_whole(each, state()) for each in (old, young)] == [True, True]
    assert [must_be_whole(each, state(first=50)) for each in (old, young)] == [False, True]
    assert must_be_whole(old, state(first=50, days=0))
    assert not must_be_whole(young, state(first=50, days=0, drops_old=True))


def test_what_was_taken_from_the_stream_is_damage_and_what_its_age_took_is_noted() -> None:
    nothing = Survey("audit")
    assert stream_damages(state(), nothing) == stream_notes(state()) == []
    assert stream_damages(state(deleted=5), nothing) == [
        "5 messages were deleted from the middle or the end of the stream: 7, 9 to 12."
    ]
    assert stream_damages(state(first=50), nothing) == []
    assert stream_notes(state(first=50)) == [
        "The first 49 messages are no longer there, older than 400 days as far as its settings say."
    ]
    assert stream_damages(state(first=50, days=0), nothing) == [
        "49 messages were deleted from the stream's beginning, which has no limit that does so."
    ]


def test_a_servers_refusal_is_no_state() -> None:
    found, error = read_state(b'{"error":{"code":404,"err_code":10059,"description":"stream not found"}}')
    assert (found, error.err_code) == (None, 10059)
