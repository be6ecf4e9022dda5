"""The sections of the Audit trail page, in Streamlit's own AppTest: what is asked for when, and for what a result stands."""

import pytest
from streamlit.testing.v1 import AppTest

from gui.trail.filters import name_of
from shared.questions import Bundle, Job, Selection, Verdict, Verify
from tests.gui.test_bundle import Talk
from tests.gui.test_trail_following import talk

__all__ = ["talk"]

RUN, OTHER = "20261123T153000Z-a1b2c3d4", "20261123T153000Z-00000000"
HEAD = "0123456789abcdef" * 4
JOB = "a" * 16


def checking() -> None:
    import streamlit as st  # noqa: PLC0415 - Streamlit runs this function's text

    from gui.trail.checking import draw_checking  # noqa: PLC0415 - as above

    draw_checking(st.session_state.get("run", "20261123T153000Z-a1b2c3d4"), "20261123T153000Z-a1b2c3d4")


def bundling() -> None:
    from gui.trail.bundling import draw_bundling  # noqa: PLC0415 - Streamlit runs this function's text

    draw_bundling("20261123T153000Z-a1b2c3d4", "20261123T153000Z-a1b2c3d4", [])


def choosing() -> None:
    import streamlit as st  # noqa: PLC0415 - Streamlit runs this function's text

    from gui.trail.choosing import choose  # noqa: PLC0415 - as above

    if not st.session_state.get("away"):
        st.session_state["chosen"] = choose("20261123T153000Z-a1b2c3d4", [], []).run


def verify(page: AppTest, head: str) -> None:
    page.text_input(key="trail_head").set_value(head)
    page.button(key="trail_verify_button").click().run()
    assert not page.exception


@pytest.mark.usefixtures("client")
def test_a_head_is_taken_as_people_paste_it_and_what_is_none_is_refused(talk: Talk) -> None:
    page = AppTest.from_function(checking, default_timeout=60).run()
    verify(page, HEAD[:-1])
    assert "64 characters" in page.toast[0].value
    assert talk.asked == []
    talk.answers += [Job(JOB, 9, 9, verdict=Verdict("closed", 1, 9, 7, 0, HEAD, [], 0, [], 0, sought=True))]
    verify(page, f" {HEAD.upper()} ")
    assert talk.asked == [Verify(RUN, HEAD)]
    assert "nobody changed this log" in page.success[0].value
    # What was found is of that run alone.
    page.session_state["run"] = OTHER
    page.run()
    assert not page.success


@pytest.mark.usefixtures("client")
def test_a_bundle_is_of_what_was_chosen_then_and_gone_with_another_choice(talk: Talk) -> None:
    page = AppTest.from_function(bundling, default_timeout=60).run()
    talk.answers += [Job(JOB, 0, 0, trouble="the log is gone")]
    page.button(key="trail_bundle_make").click().run()
    assert talk.asked == [Bundle(Selection([RUN]))]
    assert page.error[0].value == "There is no bundle: the log is gone."
    page.toggle(key="trail_bundle_file_names").set_value(True).run()
    assert not page.exception
    assert not page.error


def test_the_run_stands_in_the_address_and_is_kept_when_the_page_is_left() -> None:
    page = AppTest.from_function(choosing, default_timeout=60).run()
    assert (page.session_state["chosen"], page.query_params["run"]) == (RUN, name_of(RUN))
    page = AppTest.from_function(choosing, default_timeout=60)
    page.query_params["run"] = name_of(OTHER)
    page.run()
    assert page.session_state["chosen"] == OTHER
    # Another page has another address, and none of these widgets.
    page.query_params.clear()
    page.session_state["away"] = True
    page.run()
    page.session_state["away"] = False
    page.run()
    assert (page.session_state["chosen"], page.query_params["run"]) == (OTHER, name_of(OTHER))
    page = AppTest.from_function(choosing, default_timeout=60)
    page.query_params["run"] = "../../etc/passwd"
    page.run()
    assert not page.exception
    assert page.session_state["chosen"] == RUN
