"""Files to download: small ones are there at once, large ones when they are wanted, and never one of another table."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from gui.product import Format, Product
from gui.table import load_table, to_csv
from tests.gui.listening import Listener
from tests.gui.test_pages import app, click, desk, open_clean_text, texts, upload
from tests.gui.test_working import stopped_once

__all__ = ["app"]


@pytest.fixture
def large(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page Clean text with a result that counts as large."""
    monkeypatch.setattr("gui.product.SMALL_CELLS", 0)
    upload(app, "people.csv", b"name,town\n a, b\n c,d\n")
    open_clean_text(app)
    return click(app, "clean")


def product(app: AppTest) -> Product:
    result = desk(app).result
    assert result is not None
    return result.product


def downloads(app: AppTest) -> list[str]:
    return [each.label for each in app.download_button]


def test_the_files_of_a_large_table_are_written_when_wanted_and_downloaded_after(
    large: AppTest, listener: Listener
) -> None:
    assert (downloads(large), product(large).files) == ([], {})
    click(large, "prepare_result_xlsx")
    assert downloads(large) == ["Download XLSX (0 MB)"]
    click(large, "prepare_result_csv")
    assert downloads(large) == ["Download the cleaned CSV (0 MB)", "Download XLSX (0 MB)"]
    files = product(large).files
    assert files[Format.CSV].data == b"name,town\r\na,b\r\nc,d\r\n"
    assert load_table(files[Format.XLSX].data, "x").frame.to_numpy().tolist() == [["a", "b"], ["c", "d"]]
    wrote = listener.wait_for("Wrote people-cleaned.csv")
    assert (wrote.category, wrote.extra["outcome"], wrote.extra["bytes"]) == ("tool_run", "ok", 21)
    assert listener.count("Downloaded people-cleaned.csv") == 0
    large.download_button(key="download_result_csv").click().run()
    assert listener.wait_for("Downloaded people-cleaned.csv").category == "download"
    assert [listener.count(f"Wrote people-cleaned.{each}") for each in ("csv", "xlsx")] == [1, 1]


def test_what_stops_a_file_lets_it_begin_anew_and_both_wanted_are_written(
    large: AppTest, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.product.to_csv", stopped_once(to_csv))
    click(large, "prepare_result_csv")
    assert product(large).files == {}
    # The other button of before is still on the page while a file is written.
    bench = large.session_state["bench"]
    large.session_state["bench"] = bench.wanting(bench.current, "result", Format.XLSX)
    large.run()
    assert (set(product(large).files), desk(large).writing) == (set(Format), ())
    listener.wait_for("Wrote people-cleaned.xlsx")
    assert listener.wait_for("Stopped: Writing people-cleaned.csv").extra["outcome"] == "stopped"
    assert listener.count("Wrote people-cleaned.csv") == 1


@pytest.mark.parametrize("leave", [lambda app: click(app, "stop_work"), lambda app: click(app, "clean")])
def test_stop_or_another_result_makes_an_end_of_it(
    leave: Callable[[AppTest], AppTest], large: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.product.to_csv", stopped_once(to_csv))
    click(large, "prepare_result_csv")
    leave(large).run()
    assert (product(large).files, desk(large).writing) == ({}, ())
    assert downloads(large) == []


def test_a_new_result_has_none_of_the_files_of_the_last(large: AppTest) -> None:
    click(large, "prepare_result_csv")
    large.toggle(key="clean_trim").set_value(False)
    click(large, "clean")
    assert downloads(large) == []
    click(large, "prepare_result_csv")
    assert product(large).files[Format.CSV].data == b"name,town\r\n a, b\r\n c,d\r\n"


def test_each_result_of_a_table_has_files_of_its_own(large: AppTest) -> None:
    click(large, "prepare_result_csv")
    large.switch_page("app_pages/deduplicate.py").run()
    large.multiselect(key="dedup_columns").set_value(["town"])
    click(large, "dedup_find")
    assert "No two rows" in texts(large)
    upload(large.switch_page("app_pages/home.py").run(), "b.csv", b"a\n1\n1\n")
    large.switch_page("app_pages/deduplicate.py").run()
    click(large, "dedup_find")
    click(large, "dedup_remove")
    click(large, "prepare_deduplicated_csv")
    assert downloads(large) == ["Download CSV (0 MB)"]
    deduplicated = desk(large).deduplicated
    assert deduplicated is not None
    assert deduplicated.product.files[Format.CSV].data == b"a\r\n1\r\n"


def test_a_workbook_that_cannot_be_is_said_before_and_not_begun(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.xlsx_writing.MAX_CELLS", 3)
    upload(app, "people.csv", b"name,town\n a, b\n c,d\n")
    open_clean_text(app)
    click(app, "clean")
    assert not app.exception
    assert downloads(app) == ["Download the cleaned CSV"]
    assert app.button(key="prepare_result_xlsx").disabled
    assert "XLSX is written of up to 3 cells; this table has 4. Download it as CSV." in texts(app)
