"""Long work that another click or the end of a session stops: nothing half done, nothing lost, and each beginning logged."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from streamlit.runtime.scriptrunner import StopException
from streamlit.testing.v1 import AppTest

from gui.analysis import analyse
from gui.bench import Bench
from gui.cleaning import Options, clean_frame
from gui.deduplication import find_groups
from gui.product import finished
from gui.session import current_bench, keep_bench
from tests.gui.listening import Listener
from tests.gui.test_pages import app, click, desk, open_clean_text, texts, upload_all

__all__ = ["app"]

Work = Callable[..., Any]


def stopped_once(work: Work) -> Work:
    """`work`, but at first it is stopped when all but the last of it is done, as a click stops it at a drawing call."""
    calls: list[int] = []

    def run(*args: object) -> object:
        done = work(*args)
        calls.append(1)
        if len(calls) == 1:
            raise StopException
        return done

    return run


def test_a_load_that_is_stopped_begins_anew_and_each_table_is_there_once(
    app: AppTest, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.loading.analyse", stopped_once(analyse))
    upload_all(app, ("a.csv", b"x\n1\n"), ("b.csv", b"x\n1\n"))
    assert not app.session_state["bench"].desks
    app.run()
    assert [each.work.table.name for each in app.session_state["bench"].desks.values()] == ["a.csv", "b.csv"]
    listener.wait_for("Analysed b.csv")
    assert listener.wait_for("Stopped: Loading a.csv (1 of 2)").extra["outcome"] == "stopped"
    assert [listener.count(f"{did} {name}.csv") for did in ("Uploaded", "Analysed") for name in "ab"] == [1, 1, 1, 1]


def test_what_is_stopped_is_wanted_until_it_is_done_and_by_its_own_table(
    app: AppTest, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.actions.clean_frame", stopped_once(clean_frame))
    upload_all(app, ("a.csv", b"x\n 1\n"), ("b.csv", b"x\n 1\n 2\n"))
    open_clean_text(app)
    click(app, "clean")
    first, second = app.session_state["bench"].desks
    assert desk(app).result is None
    app.selectbox(key="table_choice").set_value(first).run()
    assert desk(app).result is None
    app.selectbox(key="table_choice").set_value(second).run()
    assert "2 cells changed" in texts(app)
    assert app.session_state["bench"].desks[first].result is None
    assert listener.wait_for("Cleaned b.csv").extra["outcome"] == "ok"
    assert [listener.count(message) for message in ("Stopped: Cleaning b.csv", "Cleaned b.csv")] == [1, 1]


def test_stop_lets_go_of_every_file_that_waits(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.loading.analyse", stopped_once(analyse))
    upload_all(app, ("a.csv", b"x\n1\n"), ("b.csv", b"x\n1\n"))
    click(app, "stop_work")
    assert (app.session_state["bench"].desks, app.session_state["bench"].incoming) == ({}, ())


def test_stop_makes_an_end_of_it(app: AppTest, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.deduplicating.find_groups", stopped_once(find_groups))
    upload_all(app, ("a.csv", b"x\n1\n1\n"))
    app.switch_page("app_pages/deduplicate.py").run()
    click(app, "dedup_find")
    click(app, "stop_work")
    app.run()
    assert (desk(app).duplicates, desk(app).comparing) == (None, None)
    listener.wait_for("Stopped: Comparing the rows of a.csv")
    assert listener.count("Looked for duplicates in a.csv") == 0


def meanwhile(happens: Callable[[Bench, int], Bench], work: Work) -> Work:
    """`work`, but the first time something happens to the bench when it is all but done, as a click does before the run ends."""
    calls: list[int] = []

    def run(*args: object) -> object:
        calls.append(1)
        if len(calls) == 1:
            bench = current_bench()
            keep_bench(happens(bench, bench.current or 0))
        return work(*args)

    return run


def test_of_two_wishes_at_once_the_last_one_is_fulfilled(
    app: AppTest, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Options(trim=False, collapse=False)
    change = meanwhile(lambda bench, number: bench.making(number, cleaning=other), finished)
    monkeypatch.setattr("gui.actions.finished", change)
    upload_all(app, ("a.csv", b"x\n 1\n"))
    open_clean_text(app)
    click(app, "clean")
    assert "Nothing had to be changed" in texts(app)
    assert listener.wait_for("Cleaned a.csv").extra["options"] == other.names()
    assert [listener.count(message) for message in ("Stopped: Cleaning a.csv", "Cleaned a.csv")] == [1, 1]


def test_what_is_stopped_when_it_is_all_but_done_is_not_there(
    app: AppTest, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload_all(app, ("a.csv", b"x\n1\n1\n"))
    app.switch_page("app_pages/deduplicate.py").run()
    stop = meanwhile(lambda bench, number: bench.making(number, comparing=None), find_groups)
    monkeypatch.setattr("gui.deduplicating.find_groups", stop)
    click(app, "dedup_find")
    assert desk(app).duplicates is None
    click(app, "dedup_find")
    stop = meanwhile(lambda bench, number: bench.making(number, removing=None), finished)
    monkeypatch.setattr("gui.deduplicating.finished", stop)
    click(app, "dedup_remove")
    assert desk(app).deduplicated is None
    click(app, "dedup_remove")
    assert desk(app).deduplicated is not None
    stop = meanwhile(lambda bench, _number: replace(bench, incoming=()), analyse)
    monkeypatch.setattr("gui.loading.analyse", stop)
    upload_all(app.switch_page("app_pages/home.py").run(), ("b.csv", b"x\n1\n"))
    assert len(app.session_state["bench"].desks) == 1
    listener.wait_for("Stopped: Loading b.csv")
    assert listener.count("Uploaded b.csv") == 0
    for did in (
        "Stopped: Comparing the rows",
        "Looked for duplicates",
        "Stopped: Removing the duplicates",
        "Removed the duplicates",
    ):
        assert listener.count(f"{did} {'in' if did.startswith('Looked') else 'of'} a.csv") == 1


def test_work_that_fails_is_said_logged_and_not_tried_for_ever(
    app: AppTest, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("gui.actions.clean_frame", broken)
    upload_all(app, ("a.csv", b"x\n1\n"))
    open_clean_text(app)
    click(app, "clean")
    app.run()
    assert "it has been recorded" in app.error[0].value
    assert desk(app).cleaning is None
    assert listener.wait_for("Cleaning a.csv: ZeroDivisionError").extra["outcome"] == "error"
    assert listener.count("Cleaning a.csv: ZeroDivisionError") == 1
