"""The pages, run by Streamlit's own AppTest, with a listener in the sidecar's place that takes what they log."""

import threading
from hashlib import sha256
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from gui.audit.client import Client
from gui.bench import Desk
from gui.product import Format
from gui.xlsx_writing import to_xlsx
from tests.gui.listening import Listener

APP = Path(__file__).parents[2] / "gui" / "app.py"


@pytest.fixture
def app(client: Client) -> AppTest:
    del client  # the one that the pages log to
    return AppTest.from_file(str(APP), default_timeout=30).run()


def texts(app: AppTest) -> str:
    """All the words on the page."""
    parts = (app.title, app.subheader, app.caption, app.markdown, app.error, app.success, app.warning, app.code)
    return "\n".join(str(element.value) for part in parts for element in part)


def click(app: AppTest, key: str) -> AppTest:
    return app.button(key=key).click().run()


def open_clean_text(app: AppTest) -> AppTest:
    return app.switch_page("app_pages/clean_text.py").run()


def upload(app: AppTest, name: str, data: bytes) -> AppTest:
    return upload_all(app, (name, data))


def upload_all(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    return app.file_uploader[0].set_value([(name, data, "text/csv") for name, data in files]).run()


def desk(app: AppTest) -> Desk:
    """The table at work and what was made of it."""
    found: Desk = app.session_state["bench"].desk
    return found


def test_home_says_what_to_do_while_there_is_no_table(app: AppTest) -> None:
    assert not app.exception
    assert app.title[0].value == "Home"
    assert "No table yet" in texts(app)


def test_clean_text_says_what_to_do_while_there_is_no_table(app: AppTest) -> None:
    open_clean_text(app)
    assert not app.exception
    assert app.title[0].value == "Clean text"
    assert "No table yet" in texts(app)
    click(app, "use_sample")
    assert "customers.csv" in texts(app)


def test_the_sample_is_loaded_analysed_and_logged_once(app: AppTest, listener: Listener) -> None:
    click(app, "use_sample")
    app.run()
    assert not app.exception
    assert {metric.label: metric.value for metric in app.main.metric} == {
        "Rows": "200", "Columns": "11", "Missing values": "28", "Duplicate rows": "6",
    }  # fmt: skip
    findings = app.dataframe[0].value
    assert {"Broken encoding", "Curly quotes", "Mixed case"} <= set(findings["Trouble"])
    analysed = listener.wait_for("Analysed customers.csv")
    assert analysed.category == "analyze"
    assert analysed.extra["findings"] == len(findings)
    opened = listener.wait_for("Opened the sample customers.csv")
    assert (opened.category, opened.extra["rows"], opened.extra["columns"]) == ("upload", 200, 11)
    assert listener.count("Opened the sample customers.csv") == listener.count("Analysed customers.csv") == 1
    assert listener.count("Session started") == listener.count("Opened home") == 1


def test_any_column_can_be_looked_at_as_a_chart(app: AppTest, listener: Listener) -> None:
    upload(app, "a.csv", b"n,who\n1,QXada\n2,QXada\n40,\n")
    app.selectbox(key="chart_column").set_value("who").run()
    assert not app.exception
    assert "1 row without a value." in texts(app)
    upload(app, "b.csv", b"other,n\n,5\n")
    assert not app.exception
    assert "This column is empty." in texts(app)
    listener.wait_for("Analysed b.csv")
    assert "QX" not in str(listener.events)


def test_a_file_is_uploaded_cleaned_and_downloaded_and_no_cell_is_logged(app: AppTest, listener: Listener) -> None:
    upload(app, "people.csv", "name,town\n Zoë ,NîmesQX\nsecretQX,  x\n".encode())
    open_clean_text(app)
    click(app, "clean")
    assert not app.exception
    assert "2 cells changed" in texts(app)
    changes = app.dataframe[0].value
    assert changes.to_numpy().tolist() == [[1, "name", "·Zoë·", "Zoë"], [2, "town", "··x", "x"]]
    app.download_button(key="download_result_csv").click().run()
    downloaded = listener.wait_for("Downloaded people-cleaned.csv")
    data = "name,town\r\nZoë,NîmesQX\r\nsecretQX,x\r\n".encode()
    assert (downloaded.category, downloaded.extra["rows"], downloaded.extra["columns"]) == ("download", 2, 2)
    assert (downloaded.extra["bytes"], downloaded.extra["sha256"]) == (len(data), sha256(data).hexdigest())
    uploaded = listener.wait_for("Uploaded people.csv")
    assert uploaded.extra["bytes"] == 39
    cleaned = listener.wait_for("Cleaned people.csv")
    assert (cleaned.category, cleaned.extra["changed_cells"], cleaned.extra["changed_columns"]) == ("tool_run", 2, 2)
    assert cleaned.extra["duration_ms"] >= 0  # type: ignore[operator]
    assert "QX" not in str(listener.events)
    assert [
        listener.count(f"{verb} people{rest}.csv") for verb, rest in (("Cleaned", ""), ("Downloaded", "-cleaned"))
    ] == [1, 1]


def test_the_download_is_the_cleaned_table(app: AppTest) -> None:
    upload(app, "people.csv", b"name,town\n a , b\n")
    open_clean_text(app)
    app.toggle(key="clean_trim").set_value(False)
    app.selectbox(key="clean_case").set_value("UPPER CASE")
    app.multiselect(key="clean_case_columns").set_value(["town"])
    click(app, "clean")
    result = desk(app).result
    assert result is not None
    assert {wanted: file.data for wanted, file in result.product.files.items()} == {
        Format.CSV: b"name,town\r\n a , B\r\n", Format.XLSX: to_xlsx(result.cleaned.frame),
    }  # fmt: skip


def test_a_file_that_is_no_table_gets_a_message_and_is_logged(app: AppTest, listener: Listener) -> None:
    upload(app, "ragged.csv", b"a,b\n1,2\n3\n")
    assert not app.exception
    assert "Line 3 has 1 column where the heading has 2" in app.error[0].value
    assert "No table yet" in texts(app)
    refused = listener.wait_for("Could not read ragged.csv")
    assert (refused.category, refused.level) == ("upload", "warning")
    assert "Line 3" in str(refused.extra["reason"])


def test_a_good_file_after_a_bad_one_takes_the_message_away(app: AppTest) -> None:
    upload(app, "ragged.csv", b"a,b\n1\n")
    assert app.error
    click(app, "use_sample")
    assert not app.error
    assert "customers.csv" in texts(app)


def test_of_several_files_each_failure_is_said_by_name_and_the_others_are_tables(
    app: AppTest, listener: Listener
) -> None:
    upload_all(
        app, ("a.csv", b"a,b\n1,2\n"), ("rag_ged.csv", b"a,b\n1\n"), ("b.csv", b"a\n 1\n 2\n"), ("none.csv", b"")
    )
    assert not app.exception
    trouble = app.error[0].value
    assert "rag\\_ged.csv** was not loaded. Line 2" in trouble
    assert "none.csv** was not loaded. The file is empty" in trouble
    assert app.selectbox(key="table_choice").options == ["a.csv · 1 row", "b.csv · 2 rows"]
    assert app.subheader[0].value == "b.csv"
    listener.wait_for("Could not read none.csv")
    assert [listener.count(f"Uploaded {name}.csv") for name in "ab"] == [1, 1]


def test_each_table_keeps_its_results_and_one_is_removed_alone(app: AppTest, listener: Listener) -> None:
    upload_all(app, ("a.csv", b"x,y\n 1,2\n"), ("b.csv", b"z\n 1\n 2\n"))
    first, second = app.session_state["bench"].desks
    app.selectbox(key="table_choice").set_value(first).run()
    open_clean_text(app)
    click(app, "clean")
    assert "1 cell changed" in texts(app)
    app.selectbox(key="table_choice").set_value(second).run()
    assert not app.exception
    assert "changed" not in texts(app)
    click(app, "clean")
    assert "2 cells changed" in texts(app)
    app.selectbox(key="table_choice").set_value(first).run()
    assert "1 cell changed" in texts(app)
    app.selectbox(key="table_choice").set_value(second).run()
    assert "2 cells changed" in texts(app)
    app.selectbox(key="table_choice").set_value(first).run()
    app.switch_page("app_pages/home.py").run()
    click(app, "remove_table")
    click(app, "put_back")
    assert list(app.session_state["bench"].desks) == [first, second]
    assert desk(app).result is not None
    click(app, "remove_table")
    assert app.subheader[0].value == "b.csv"
    assert "table_choice" not in [each.key for each in app.selectbox]
    click(app, "remove_table")
    assert "No table yet" in texts(app)
    assert "b.csv** was removed" in texts(app)
    listener.wait_for("Removed b.csv")
    assert [
        listener.count(message) for message in ("Chose a.csv", "Chose b.csv", "Removed a.csv", "Put back a.csv")
    ] == [3, 2, 2, 1]


def test_the_field_is_empty_after_an_upload_and_what_was_removed_is_let_go_of(app: AppTest) -> None:
    upload(app, "a.csv", b"x\n1\n")
    assert not app.file_uploader[0].value
    click(app, "remove_table")
    assert "put_back" in [each.key for each in app.button]
    upload(app, "b.csv", b"x\n1\n")
    assert "put_back" not in [each.key for each in app.button]
    assert app.session_state["bench"].removed is None


def test_of_several_tables_the_one_before_is_at_work_when_one_is_removed_and_twins_are_told_apart(app: AppTest) -> None:
    upload_all(app, *((name, b"x\n1\n") for name in ("a.csv", "b.csv", "a.csv", "c.csv")))
    labels = ["a.csv (1) · 1 row", "b.csv · 1 row", "a.csv (2) · 1 row", "c.csv · 1 row"]
    assert app.selectbox(key="table_choice").options == labels
    click(app, "remove_table")
    assert app.selectbox(key="table_choice").value == 3
    app.selectbox(key="table_choice").set_value(1).run()
    click(app, "remove_table")
    click(app, "put_back")
    assert app.selectbox(key="table_choice").options == labels[:3]
    assert app.selectbox(key="table_choice").value == 1


def test_the_table_stays_when_the_page_changes_and_a_new_table_has_no_result(app: AppTest) -> None:
    click(app, "use_sample")
    open_clean_text(app)
    click(app, "clean")
    app.switch_page("app_pages/home.py").run()
    assert "customers.csv" in texts(app)
    upload(app, "b.csv", b"a\n1\n")
    open_clean_text(app)
    assert "changed" not in texts(app)


def test_each_page_is_logged_once_a_visit(app: AppTest, listener: Listener) -> None:
    app.run()
    open_clean_text(app).run()
    app.switch_page("app_pages/home.py").run()
    listener.wait_for("Opened clean_text")
    app.run()
    open_clean_text(app)
    click(app, "use_sample")
    listener.wait_for("Opened the sample customers.csv")
    assert (listener.count("Opened home"), listener.count("Opened clean_text")) == (2, 2)


def test_the_panel_says_that_nothing_listens_and_where_the_log_will_be(app: AppTest, client: Client) -> None:
    metrics = {metric.label: metric.value for metric in app.sidebar.metric}
    assert metrics["On disk"] == metrics["Lost"] == "0"
    assert int(metrics["Waiting"]) >= 2
    assert app.sidebar.code[0].value == str(client.log_path())


def test_the_panel_counts_what_is_on_disk(app: AppTest, listener: Listener, client: Client) -> None:
    listener.wait_for("Opened home")
    assert client.flush(10)
    app.run()
    metrics = {metric.label: metric.value for metric in app.sidebar.metric}
    assert metrics == {"Waiting": "0", "On disk": "2", "Lost": "0"}


def test_an_error_in_the_panel_costs_one_line_and_is_logged_once(
    app: AppTest, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise OSError("no status today")

    monkeypatch.setattr("gui.diagnostics.audit_status", broken)
    app.run()
    click(app, "use_sample")
    assert not app.exception
    assert "cannot be shown just now" in texts(app)
    assert "customers.csv" in texts(app)
    listener.wait_for("Analysed customers.csv")
    assert listener.count("Diagnostics panel: OSError") == 1


def test_an_error_in_an_action_is_said_calmly_and_logged(
    app: AppTest, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_data: bytes, _name: str, _tell: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("gui.loading.load_table", broken)
    click(app, "use_sample")
    assert not app.exception
    assert app.title[0].value == "Home"
    assert "it has been recorded" in app.error[0].value
    assert listener.wait_for("Loading customers.csv: ZeroDivisionError").level == "error"


def test_an_error_in_a_page_leaves_the_sidebar_and_is_logged(
    app: AppTest, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("gui.session.current_work", broken)
    app.run()
    assert not app.exception
    assert "it has been recorded" in app.error[0].value
    assert [button.label for button in app.sidebar.button] == ["Open log folder", "Shut down"]
    assert listener.wait_for("Home: ZeroDivisionError").category == "error"


def test_open_log_folder_says_where_it_is_and_looks_at_nothing(
    app: AppTest, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    click(app, "open_log_folder")
    assert not app.exception
    assert str(client.directories.audit) in app.toast[0].value
    assert not client.directories.audit.exists()


def test_shut_down_logs_the_end_flushes_and_says_goodbye(
    app: AppTest, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[bool] = []
    # The process to be ended is pytest's.
    monkeypatch.setattr("gui.farewell.end_process_soon", lambda: ended.append(True))
    monkeypatch.setattr("gui.ending._said.ended", threading.Lock())
    listener.wait_for("Opened home")
    click(app, "shut_down")
    assert not app.exception
    assert app.title[0].value == "Goodbye"
    assert "on disk: 3 events" in app.success[0].value
    assert ended == [True]
    assert listener.count("Session ending") == 1


def test_duplicates_are_found_reviewed_and_removed_and_no_cell_is_logged(app: AppTest, listener: Listener) -> None:
    upload(app, "people.csv", b"name,town\nAdaQX,Rome\nBobQX,Bonn\nadaqx,Rome\nBobQX,Oslo\n")
    app.switch_page("app_pages/deduplicate.py").run()
    click(app, "dedup_find")
    assert "No two rows are the same" in texts(app)
    app.multiselect(key="dedup_columns").set_value(["name"])
    app.toggle(key="dedup_case").set_value(True)
    click(app, "dedup_find")
    assert not app.exception
    assert {metric.label: metric.value for metric in app.main.metric} == {
        "Groups": "2", "Rows to go": "2", "Rows that stay": "2",
    }  # fmt: skip
    sides = app.dataframe[0].value
    assert list(sides.columns) == ["Column", "Row 1 (stays)", "Row 3 (goes)", "Differs"]
    assert sides["Differs"].tolist() == ["differs", ""]
    app.radio(key="dedup_stays_3_0").set_value("Row 3").run()
    assert list(app.dataframe[0].value.columns)[1:3] == ["Row 1 (goes)", "Row 3 (stays)"]
    click(app, "dedup_remove")
    assert "2 rows removed, 2 rows left" in texts(app)
    deduplicated = desk(app).deduplicated
    assert deduplicated is not None
    assert deduplicated.product.frame["name"].tolist() == ["BobQX", "adaqx"]
    removed = listener.wait_for("Removed the duplicates of people.csv")
    assert (removed.category, removed.extra["removed"], removed.extra["chosen_by_hand"]) == ("tool_run", 2, 1)
    assert listener.count("Looked for duplicates in people.csv") == 2
    assert "QX" not in str(listener.events).upper()
    click(app, "dedup_find")
    assert desk(app).deduplicated is None


def test_all_of_a_group_may_stay_and_what_was_removed_before_is_forgotten(app: AppTest) -> None:
    upload(app, "a.csv", b"name,town\n" + b"x,1\n" * 8)
    app.switch_page("app_pages/deduplicate.py").run()
    app.multiselect(key="dedup_columns").set_value(["town"])
    app.selectbox(key="dedup_keep").set_value("The last one")
    click(app, "dedup_find")
    assert "The first 6 of 8 rows of this group." in texts(app)
    # The one that stays is not among them.
    assert app.radio(key="dedup_stays_2_0").value is None
    click(app, "dedup_remove")
    assert "7 rows removed, 1 row left" in texts(app)
    app.radio(key="dedup_stays_2_0").set_value("All stay").run()
    assert not app.exception
    assert list(app.dataframe[0].value.columns)[1:7] == [f"Row {number} (stays)" for number in range(1, 7)]
    assert "left." not in texts(app)
    click(app, "dedup_remove")
    assert "0 rows removed, 8 rows left" in texts(app)
    # Another table has no such column.
    upload(app.switch_page("app_pages/home.py").run(), "b.csv", b"other\n1\n1\n")
    app.switch_page("app_pages/deduplicate.py").run()
    app.session_state["dedup_columns"] = ["town"]
    click(app, "dedup_find")
    assert not app.exception
    found = desk(app).duplicates
    assert found is not None
    assert found.matching.columns == ()
