"""Recording, stalled, failing, stopping: what is said, since when, and once."""

import errno

import pytest

from sidecar import health
from sidecar.disk import Call
from sidecar.health import CALM_S, Failure, Health, Watch, failure_of

NOW = 1_795_447_800_000_000
CALM = Health(health.RECORDING, NOW)
FAILURE = Failure("No space left on device; free some space on that disk", "/logs/a.jsonl", NOW)
STALLED_LINE = "Disk stalled: write has not returned on /logs/a.jsonl. Events wait; nothing is lost while they do."
FAILING_LINE = f"Disk failing: /logs/a.jsonl: {FAILURE.reason}. Events wait; it is tried again until it works."


class Looking:
    """A watch whose seconds are counted from its beginning; `said` is all it had to say."""

    def __init__(self) -> None:
        self._watch = Watch(NOW)
        self.said: list[str] = []
        # By how many seconds the clock was stepped.
        self.step = 0

    def look(
        self, at: float, *, call: float | None = None, failure: Failure | None = None, stopping: bool = False
    ) -> Health:
        """Look `at` seconds after the beginning; `call` is when a write began."""
        in_progress = None if call is None else Call("write", "/logs/a.jsonl", 1000.0 + call)
        line = self._watch.look(
            in_progress, failure, stopping=stopping, monotonic=1000.0 + at, now=NOW + int((at + self.step) * 1e6)
        )
        if line:
            self.said.append(line)
        return self._watch.health


@pytest.fixture
def watch() -> Looking:
    return Looking()


def test_a_quiet_disk_is_recording_since_it_began(watch: Looking) -> None:
    assert watch.look(50) == CALM
    assert watch.said == []


def test_a_call_is_stalled_only_after_a_second(watch: Looking) -> None:
    assert watch.look(4.9, call=4) == CALM
    assert watch.look(5.0, call=4) == CALM
    stalled = watch.look(5.1, call=4)
    assert stalled.state == health.STALLED
    assert abs(stalled.since - (NOW + 4_000_000)) <= 1
    assert (stalled.reason, stalled.file) == ("write has not returned", "/logs/a.jsonl")


def test_a_stall_that_lasts_stays_the_same_state(watch: Looking) -> None:
    stalled = watch.look(5.1, call=4)
    assert abs(watch.look(60.3, call=4).since - stalled.since) <= 1
    assert watch.said == [STALLED_LINE]


def test_a_failure_keeps_its_beginning_however_often_it_is_tried(watch: Looking) -> None:
    failing = watch.look(3, failure=FAILURE)
    assert failing == Health(health.FAILING, NOW, FAILURE.reason, FAILURE.file)
    assert watch.look(50, failure=FAILURE) == failing
    assert watch.look(50, failure=FAILURE, call=49.5) == failing


def test_a_disk_that_fails_slowly_stays_failing_until_it_hangs(watch: Looking) -> None:
    assert watch.look(3, failure=FAILURE, call=1).state == health.FAILING
    assert watch.look(7, failure=FAILURE, call=1).state == health.STALLED


def test_stopping_is_said_unless_something_is_wrong(watch: Looking) -> None:
    assert watch.look(3, stopping=True) == Health(health.STOPPING, NOW + 3_000_000)
    assert watch.look(4, stopping=True, failure=FAILURE).state == health.FAILING
    assert watch.look(5, stopping=True, call=2).state == health.STALLED
    assert watch.said == [FAILING_LINE, STALLED_LINE]


def test_beginning_and_end_of_each_trouble_are_said_once(watch: Looking) -> None:
    moments = [(1, None, None), (4, 2.0, None), (5, 2.0, None), (9, 2.0, None), (11, None, None), (70, None, FAILURE),
               (71, None, FAILURE), (90, None, FAILURE), (92, None, None), (93, None, None)]  # fmt: skip
    for at, call, failure in moments:
        watch.look(at, call=call, failure=failure and failure._replace(since=NOW + 70_000_000))
    assert watch.said == [STALLED_LINE, "Disk recovered after 7 s", FAILING_LINE, "Disk recovered after 20 s"]


def test_a_disk_that_takes_two_seconds_for_every_call_is_one_stall(watch: Looking) -> None:
    for tenth in range(300):
        # Each call takes 2 s, the next begins at once.
        watch.look(tenth / 10, call=tenth // 20 * 2)
    assert watch.look(30 + CALM_S - 0.2).state == health.STALLED
    assert watch.look(30 + CALM_S).state == health.RECORDING
    assert watch.said == [STALLED_LINE, "Disk recovered after 30 s"]


def test_trouble_that_changes_its_kind_is_said_once_each(watch: Looking) -> None:
    for at in range(2, 40, 4):
        watch.look(at, call=at - 1.5)
        watch.look(at + 1, failure=FAILURE)
    watch.look(60)
    assert watch.said == [STALLED_LINE, FAILING_LINE, "Disk recovered after 38 s"]


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


@pytest.mark.parametrize("step", [-3600, 3600])
def test_how_long_a_stall_took_is_true_although_the_clock_was_stepped_by_an_hour(watch: Looking, step: int) -> None:
    watch.look(5.1, call=4)
    watch.step = step
    watch.look(24, call=4)
    watch.look(30)
    assert watch.said == [STALLED_LINE, "Disk recovered after 20 s"]
