"""The page's memory of a log: what becomes of it when the log, the choice, or the sidecar is another."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from gui.audit import AuditStatus
from gui.trail.filters import Choice
from gui.trail.following import Following
from gui.trail.inquiry import Watched
from shared.questions import Back, Forth, Job, NotNow, Progress, Verify
from tests.gui.test_bundle import Talk
from tests.gui.test_trail_view import numbers, stretch

RUN = "20261123T153000Z-a1b2c3d4"
VERIFY = Verify(RUN)


def why(asking: Following | Watched) -> str:
    return asking.trouble.why if asking.trouble else ""


@pytest.fixture
def talk(monkeypatch: pytest.MonkeyPatch) -> Talk:
    """What the page asks, it asks here."""
    talk = Talk()

    @contextlib.contextmanager
    def conversation() -> Iterator[Talk]:
        yield talk

    status = AuditStatus(RUN, Path("/l"), "recording", None, "", "", 0, 0, 0, 0, "")
    for module in ("gui.trail.following", "gui.trail.inquiry"):
        monkeypatch.setattr(f"{module}.conversation", conversation)
        monkeypatch.setattr(f"{module}.audit_status", lambda: status)
    return talk


@pytest.fixture
def following(talk: Talk) -> Following:
    """One that knows the lines 1 to 10."""
    following = Following()
    following.choose(Choice(RUN))
    talk.answers += [stretch(1, 10)]
    following.refresh()
    assert numbers(following.view) == list(range(10, 0, -1))
    return following


def test_what_is_new_is_put_on_top_and_a_log_that_changed_is_read_anew(following: Following, talk: Talk) -> None:
    talk.answers += [stretch(11, 12)]
    following.refresh()
    assert numbers(following.view)[:2] == [12, 11]
    talk.answers += [replace(stretch(13, 14), changed=True), stretch(1, 3)]
    following.refresh()
    assert numbers(following.view) == [3, 2, 1]
    assert [type(each) for each in talk.asked] == [Back, Forth, Forth, Back]


def test_the_same_choice_keeps_what_is_known_and_another_begins_anew(following: Following) -> None:
    following.choose(Choice(RUN))
    assert numbers(following.view)
    following.choose(Choice(RUN, text="x"))
    assert (numbers(following.view), following.read_at, following.wanted.text) == ([], 0.0, "x")


def test_a_trouble_is_over_with_the_next_answer_and_what_is_known_stays(
    following: Following, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.answers += [NotNow("hung", 3.0), stretch(11, 11)]
    following.refresh()
    assert (why(following), numbers(following.view)[0]) == ("hung", 10)
    # Nobody is asked again so soon.
    following.refresh()
    assert len(talk.answers) == 1
    monkeypatch.setattr("gui.trail.following._PATIENCE_S", 0)
    following.refresh()
    assert (why(following), numbers(following.view)[0]) == ("", 11)


def test_a_job_that_another_sidecar_knows_nothing_of_is_asked_for_anew(talk: Talk) -> None:
    watched = Watched(VERIFY)
    talk.answers += [Job("a" * 16, 1, 9), NotNow("gone"), NotNow("busy"), Job("b" * 16, 0, 9)]
    for job, trouble in (("a" * 16, ""), ("", ""), ("", "busy"), ("b" * 16, "")):
        watched.ask()
        assert (watched.job.job if watched.job else "", why(watched)) == (job, trouble)
    assert talk.asked == [VERIFY, Progress("a" * 16), VERIFY, VERIFY]
