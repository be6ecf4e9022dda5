"""The filters of the Audit trail page, as the question for them."""

from datetime import UTC, datetime

import pytest

from gui.trail.filters import CUSTOM, Choice, name_of, options, run_of
from shared.questions import MAX_QUESTION, Back, Wanted, decode_question, encode

RUN = "20261123T153000Z-a1b2c3d4"
NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)


def test_a_run_has_a_name_that_people_can_read_and_that_leads_back_to_it() -> None:
    assert name_of(RUN) == "2026-11-23 15:30:00 a1b2c3d4"
    assert run_of(name_of(RUN)) == run_of(RUN) == RUN


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "2026-11-23 15:30:00", "2026-11-23 15:30:00 A1B2C3D4"])
def test_what_is_no_name_of_a_run_leads_nowhere(name: str) -> None:
    assert run_of(name) == ""


def test_a_span_is_reckoned_back_from_now_and_has_no_end() -> None:
    assert Choice(RUN, "Last 15 minutes").wanted(NOW) == Wanted(since="2026-11-23T15:45:00.000000Z")
    assert Choice(RUN).wanted(NOW) == Wanted()


def test_two_moments_are_utc() -> None:
    choice = Choice(RUN, CUSTOM, datetime(2026, 11, 23, 15, 0), datetime(2026, 11, 23, 15, 5, tzinfo=UTC))  # noqa: DTZ001
    wanted = choice.wanted(NOW)
    assert (wanted.since, wanted.until) == ("2026-11-23T15:00:00.000000Z", "2026-11-23T15:05:00.000000Z")
    assert not choice.is_live
    assert Choice(RUN, CUSTOM, NOW).is_live
    # What was chosen before and is not asked for any more.
    assert Choice(RUN, since=NOW, until=NOW).wanted(NOW) == Wanted()


def test_however_much_is_chosen_the_question_can_be_asked() -> None:
    names = tuple(f"\N{GRINNING FACE}{number}" * 30 for number in range(100))
    choice = Choice(RUN, categories=("x" * 900,) * 16, levels=names[:1], sessions=names[:1], text=" y" * 1000)
    frame = encode(Back(RUN, choice.wanted(NOW), None, 200, tally=True))
    assert len(frame) <= MAX_QUESTION
    decode_question(frame)


def test_options_are_each_there_once_known_ones_first() -> None:
    assert options(["nav", "error"], ["zebra", "nav", ""], ["ape"]) == ["nav", "error", "ape", "zebra"]
