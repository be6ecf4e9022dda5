"""Recording, stalled, failing, stopping: what is said, since when, and once."""

import errno

import pytest

from sidecar import health
from sidecar.disk import Call
from sidecar.health import Failure, Health, assess, failure_of, transition

NOW = 1_795_447_800_000_000
CALM = Health(health.RECORDING, NOW)
FAILURE = Failure("No space left on device; free some space on that disk", "/logs/a.jsonl", NOW)


def look(
    previous: Health,
    *,
    call: float | None = None,
    failure: Failure | None = None,
    stopping: bool = False,
    at: float = 0,
) -> Health:
    """Assess `at` seconds after the beginning; `call` is when a write began."""
    in_progress = None if call is None else Call("write", "/logs/a.jsonl", 1000.0 + call)
    return assess(previous, in_progress, failure, stopping=stopping, monotonic=1000.0 + at, now=NOW + int(at * 1e6))


def test_a_quiet_disk_is_recording_since_it_began() -> None:
    assert look(CALM, at=50) == CALM


def test_a_call_is_stalled_only_after_a_second() -> None:
    assert look(CALM, call=4, at=4.9) == CALM
    assert look(CALM, call=4, at=5.0) == CALM
    stalled = look(CALM, call=4, at=5.1)
    assert stalled.state == health.STALLED
    assert abs(stalled.since - (NOW + 4_000_000)) <= 1
    assert (stalled.reason, stalled.file) == ("write has not returned", "/logs/a.jsonl")


def test_a_stall_that_lasts_stays_the_same_state() -> None:
    stalled = look(CALM, call=4, at=5.1)
    assert look(stalled, call=4, at=60.3) == stalled


def test_a_failure_keeps_its_beginning_however_often_it_is_tried() -> None:
    failing = look(CALM, failure=FAILURE, at=3)
    assert failing == Health(health.FAILING, NOW, FAILURE.reason, FAILURE.file)
    assert look(failing, failure=FAILURE, at=50) == failing
    assert look(failing, failure=FAILURE, call=49.5, at=50) == failing


def test_a_disk_that_fails_slowly_stays_failing_until_it_hangs() -> None:
    assert look(CALM, failure=FAILURE, call=1, at=3).state == health.FAILING
    assert look(CALM, failure=FAILURE, call=1, at=7).state == health.STALLED


def test_stopping_is_said_unless_something_is_wrong() -> None:
    assert look(CALM, stopping=True, at=3) == Health(health.STOPPING, NOW + 3_000_000)
    assert look(CALM, stopping=True, failure=FAILURE, at=3).state == health.FAILING
    assert look(CALM, stopping=True, call=1, at=3).state == health.STALLED


def test_beginning_and_end_of_each_trouble_are_said_once() -> None:
    said = []
    state = CALM
    moments = [(1, None, None), (4, 2.0, None), (5, 2.0, None), (9, 2.0, None), (10, None, None), (11, None, FAILURE),
               (12, None, FAILURE), (70, None, FAILURE), (71, None, None), (72, None, None)]  # fmt: skip
    for at, call, failure in moments:
        current = look(state, call=call, failure=failure, at=at)
        if current != state and (line := transition(state, current, NOW + at * 1_000_000)):
            said.append(line)
        state = current
    assert said == [
        "Disk stalled: write has not returned on /logs/a.jsonl. Events wait; nothing is lost while they do.",
        "Disk recovered after 8 s",
        f"Disk failing: /logs/a.jsonl: {FAILURE.reason}. Events wait; it is tried again until it works.",
        "Disk recovered after 71 s",
    ]


def test_stopping_is_not_a_recovery() -> None:
    assert transition(CALM, Health(health.STOPPING, NOW), NOW) == ""


@pytest.mark.parametrize(
    "code", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EIO, errno.ENOTDIR, errno.EMFILE, None]
)
def test_every_failure_says_what_to_do_and_where(code: int | None) -> None:
    error = OSError(code, "What it is", "/logs/a.jsonl") if code else OSError("something odd")
    failure = failure_of(error, NOW)
    what, _, advice = failure.reason.partition("; ")
    assert what == ("What it is" if code else "something odd")
    assert len(advice) > 10
    assert failure.file == ("/logs/a.jsonl" if code else "")
