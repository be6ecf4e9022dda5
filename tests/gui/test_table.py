import io
import re
import zipfile
from datetime import date, datetime

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook  # type: ignore[import-untyped]

from gui.csv_rows import find_delimiter
from gui.table import TableError, load_table, to_csv


def rows(data: bytes) -> list[list[str]]:
    frame = load_table(data, "x.csv").frame
    return [list(frame.columns), *frame.to_numpy().tolist()]


def workbook(*sheets: list[list[object]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for number, content in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"Sheet {number}")
        for row in content:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def trouble(data: bytes) -> str:
    with pytest.raises(TableError) as caught:
        load_table(data, "x.csv")
    return str(caught.value)


def test_everything_is_read_as_the_text_it_is() -> None:
    assert rows(b"id,when,n\n007,2024-01-02,NA\n 1 ,,null\n") == [
        ["id", "when", "n"],
        ["007", "2024-01-02", "NA"],
        [" 1 ", "", "null"],
    ]


def test_a_value_may_hold_delimiters_quotes_and_line_breaks() -> None:
    assert rows(b'a,b\r\n"1,5","he said ""no""\r\ntwice"\r\n')[1] == ["1,5", 'he said "no"\r\ntwice']


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [("a,b\n1,2\n", ","), ("a;b\n1,5;2,5\n", ";"), ("a\tb\n1\t2\n", "\t"), ("a|b\n1|2\n", "|"), ("a\n1\n", ",")],
)
def test_the_delimiter_is_found(text: str, delimiter: str) -> None:
    assert find_delimiter(text) == delimiter


def test_a_row_that_is_cut_by_the_end_of_the_sample_says_nothing_about_the_delimiter() -> None:
    assert find_delimiter("a,b;c;d\n" + f"1,5;{'x' * 500};3\n" * 300) == ";"


def test_excels_line_about_the_delimiter_is_obeyed_and_counted() -> None:
    assert rows(b"sep=;\na,x;b\n1,y;2\n") == [["a,x", "b"], ["1,y", "2"]]
    assert "Line 3 has 1 column where the heading has 2" in trouble(b"sep=;\na;b\n1\n")


@pytest.mark.parametrize(
    ("encoding", "name", "text"),
    [
        ("utf-8", "UTF-8", "name\nZoë\n"),
        ("utf-8-sig", "UTF-8", "name\nZoë\n"),
        ("utf-16", "UTF-16", "name\nZoë\n"),
        ("utf-16-le", "UTF-16", "name,city\nZoë,Nîmes\n"),
        ("utf-16-be", "UTF-16", "name,city\nZoë,Nîmes\n"),
        ("utf-32", "UTF-32", "name\nZoë\n"),
        ("cp1252", "Windows-1252", "name,price\nZoë Müller,“5 €”\n"),
        ("cp1252", "Windows-1252", "name,price\nTea,5 €\n"),
        ("cp1250", "Windows-1250", "jméno,město\nŽofie,Plzeň\nŁukasz,Łódź\nJiří,České Budějovice\n"),
        ("cp1251", "Windows-1251", "имя,город\nИван,Москва\nОльга,Санкт-Петербург\n"),  # noqa: RUF001 Russian it is
        ("shift_jis", "Shift JIS", "名前,都市\n太郎,東京\n花子,大阪\n"),
    ],
)
def test_other_encodings_are_recognised_and_a_guess_is_called_one(encoding: str, name: str, text: str) -> None:
    table = load_table(text.encode(encoding), "x.csv")
    assert table.encoding == name
    assert table.frame.to_numpy().tolist() == [line.split(",") for line in text.splitlines()[1:]]
    assert any("guess" in note for note in table.notes) == (not name.startswith("UTF"))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "The file is empty"),
        (b" \r\n\n", "The file is empty"),
        (b"\xef\xbb\xbf", "holds no table"),
        (b"a,b\n", "a heading but no rows"),
        (b"a,b\n1,2\n3\n4,5,6\n", "Line 3 has 1 column where the heading has 2, and so have 1 more rows"),
        (b'a,b\n"1\n2",3\nx\n', "Line 4 has 1 column"),
        (b'a,b\n1,"2\n3,4\n', "line 2 opens a double quote that is never closed"),
        (b'a,b\n"1"2,3\n', "line 2 has a double quote inside a quoted value"),
        (b'a,b\n1,"' + b"x" * 140_000 + b'"\n', "line 2 holds a value of over"),
        (b"a,b\n1,\x002\n" + b"z" * 50, "a binary file"),
        (b"a,b\n1,\x012\n", "Line 2 holds a control character (U+0001)"),
        (b"\x89PNG\r\n\x1a\n\x00", "a PNG picture"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"<html><table>", "a web page"),
        (b"<table><tr><td>1</td></tr></table>\n<p>x</p>", "a web page"),
        (b'[{"a":1,"b":2},\n{"a":3}]\n', "a JSON file"),
        (b'{\n "a": [1,2]\n}\n', "a JSON file"),
        (b"\x1f\x8b\x08\0abc", "a gzip archive"),
        (b"\n<?xml version='1.0'?>", "an XML file"),
        (b"PAR1xxxx", "a Parquet file"),
        (b"\xff\xfea\x00\n\x00b", "says that it is UTF-16, but byte 4 is not"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "an old Excel file (.xls)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "has a password"),
        (b"PK\x03\x04 not a zip", "This workbook cannot be read"),
        (b",".join([b"a"] * 1_001) + b"\n", "more than 1,000 columns"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_advice(data: bytes, says: str) -> None:
    message = trouble(data)
    assert says in message
    assert any(word in message.lower() for word in ("upload", "save", "remove", "split"))


def test_a_table_of_more_cells_than_fit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.csv_rows.MAX_CELLS", 5)
    assert "more than 5 cells" in trouble(b"a,b\n1,2\n3,4\n")


def test_a_sheet_of_few_values_far_apart_is_as_large_as_it_is_wide_and_long(monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[list[object]] = [["a", "b", "c", "d"], ["1"], ["2"]]
    monkeypatch.setattr("gui.xlsx_rows.MAX_CELLS", 8)
    assert load_table(workbook(rows), "x").frame.shape == (2, 4)
    monkeypatch.setattr("gui.xlsx_rows.MAX_CELLS", 7)
    assert "more than 7 cells" in trouble(workbook(rows))


def test_a_long_table_is_put_together_of_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.columns._PIECE", 2)
    assert rows(b"n\n" + b"".join(b"%d\n" % number for number in range(7)))[1:] == [[str(n)] for n in range(7)]


def test_headings_that_are_blank_or_double_get_a_number_and_a_note() -> None:
    table = load_table(b"a,,a,a (2)\n1,2,3,4\n", "x.csv")
    assert list(table.frame.columns) == ["a", "Column 2", "a (2)", "a (2) (2)"]
    assert table.notes == ("1 heading was blank and got a number.", "2 headings were there twice and got a number.")


def test_blank_lines_are_left_out_and_said() -> None:
    table = load_table(b"a,b\n\n1,2\n\n", "x.csv")
    assert len(table.frame) == 1
    assert table.notes == ("2 blank lines were left out.",)


def test_a_workbook_is_read_as_text() -> None:
    data = workbook(
        [["id", "when", "at", "n", "ok"], ["007", date(2024, 1, 2), datetime(2024, 1, 2, 3, 4), 2.0, True], ["", None, None, 1.5, False]]  # noqa: DTZ001 workbooks know no time zones
    )  # fmt: skip
    table = load_table(data, "anything.csv")
    assert (table.kind, table.encoding, table.delimiter) == ("XLSX", "", "")
    assert table.frame.to_numpy().tolist() == [
        ["007", "2024-01-02", "2024-01-02 03:04:00", "2", "TRUE"],
        ["", "", "", "1.5", "FALSE"],
    ]


def test_of_several_sheets_the_first_that_holds_anything_is_read_and_said() -> None:
    table = load_table(workbook([], [["a"], ["1"]], [["b"], ["2"]]), "x.xlsx")
    assert list(table.frame.columns) == ["a"]
    assert 'has 3 sheets; "Sheet 2" was read' in table.notes[0]


def with_cells(*rows: str) -> bytes:
    """A workbook whose sheet has these rows of XML."""
    source, target = io.BytesIO(workbook([["a"], ["1"]])), io.BytesIO()
    sheet = "".join(f"<row>{row}</row>" for row in rows)
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                data = re.sub(rb"<sheetData>.*</sheetData>", f"<sheetData>{sheet}</sheetData>".encode(), data)
            new.writestr(name, data)
    return target.getvalue()


def of_texts(*texts: str) -> str:
    return "".join(f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>' for text in texts)


def test_formulas_without_a_stored_result_are_counted_and_said_and_others_are_their_results() -> None:
    # What openpyxl itself writes has no results.
    (note,) = load_table(workbook([["a", "b"], [1, "=A2*2"], ["=1", "=2"]]), "x.xlsx").notes
    assert note == (
        "3 cells are empty here: formulas without stored results. Open the workbook in Excel or LibreOffice, save it "
        "there, and upload it again: that stores them."
    )
    data = with_cells(
        of_texts("a", "b", "c", "d"),
        '<c><f>1+1</f><v>2</v></c><c t="str"><f>""</f><v></v></c><c><f>A1</f></c><c t="inlineStr"><is><t>x</t></is></c>',
    )
    table = load_table(data, "x.xlsx")
    assert table.frame.to_numpy().tolist() == [["2", "", "", "x"]]
    assert table.notes[0].startswith("1 cell is empty here: a formula without a stored result. Open")
    assert load_table(with_cells(of_texts("a"), "<c><f>1</f><v>2</v></c>"), "x.xlsx").notes == ()
    # Before it, a sheet that holds nothing but such formulas.
    assert "3 cells are empty" in load_table(workbook([["=1", "=2"]], [["a", "b"], ["1", "=3"]]), "x.xlsx").notes[1]


def test_a_formula_is_found_wherever_in_a_long_sheet_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.xlsx_sheets._CHUNK", 2)
    assert load_table(with_cells(of_texts("a", "b"), of_texts("x") + "<c><f>1</f></c>"), "x").notes


@pytest.mark.parametrize("rows", [[["=1", "=2"]], [["a", "b"], ["=1", "=2"]]])
def test_a_workbook_of_formulas_without_results_alone_is_refused_with_why(rows: list[list[object]]) -> None:
    assert "no table but formulas without stored results. Open the workbook in Excel" in trouble(workbook(rows))


def test_what_a_workbook_says_by_number_is_the_character() -> None:
    table = load_table(with_cells(of_texts("a_x0062_"), of_texts("x_x000D_y_x005F_x0041__x0007__xD800_")), "x.xlsx")
    assert list(table.frame.columns) == ["ab"]
    assert table.frame.iloc[0, 0] == "x\ry_x0041__x0007__xD800_"


def test_of_a_csv_it_is_said_how_far_the_reading_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.csv_rows._TELL_ROWS", 1)
    shares: list[float] = []
    load_table(b"a,b\n" + b"1,2\n" * 3, "x.csv", shares.append)
    assert shares == [0.25, 0.5, 0.75, 1]


def test_of_a_workbook_it_is_said_how_far_the_reading_is() -> None:
    shares: list[float] = []
    rows: list[list[object]] = [[str(number), f"text {number}"] for number in range(5_000)]
    load_table(workbook([["a", "b"], *rows]), "x", shares.append)
    assert shares == sorted(shares)
    assert len(set(shares)) > 5


@pytest.mark.parametrize("keep", [10, 100, 1_000, 4_000])
def test_a_broken_workbook_is_refused(keep: int) -> None:
    data = workbook([["a"], ["1"]])
    assert "cannot be read" in trouble(data[:keep] + b"\0" * (len(data) - keep))


def test_a_zip_that_is_no_workbook_and_an_empty_workbook_are_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert "Unpack it" in trouble(buffer.getvalue())
    assert "holds no table" in trouble(workbook([]))


@pytest.mark.parametrize(
    ("name", "says"), [("mimetype", "OpenDocument"), ("word/document.xml", "Word document"), ("a.csv", "zip archive")]
)
def test_other_archives_are_called_what_they_are(name: str, says: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, "a,b")
    assert says in trouble(buffer.getvalue())


def test_a_workbook_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.xlsx_rows._MAX_UNPACKED", 100)
    assert "unpacks to more than" in trouble(workbook([["a"], ["1"]]))


def assert_read_or_refused(data: bytes) -> None:
    try:
        result = str(load_table(data, "x").frame.shape)
    except TableError as error:
        result = str(error)
    # Not "(0, n)": a table without rows is refused.
    assert re.match(r"\([1-9]|\w.{20}", result), result


magic = st.sampled_from(
    [b"", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xff\xfe\0\0", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"sep=;\n"]
)
pieces = st.lists(
    st.sampled_from([b",", b";", b"\t", b"\n", b"\r\n", b"\r", b'"', b"a", b" ", b"\xe9", b"\0", b"\x81"])
)


@given(magic, st.one_of(st.binary(), pieces.map(b"".join)))
def test_whatever_the_bytes_only_a_table_error_comes_out(start: bytes, rest: bytes) -> None:
    assert_read_or_refused(start + rest)


INTACT = workbook([["a", "b"], ["1", 2]])


@given(st.integers(0, len(INTACT)), st.binary(min_size=1, max_size=4))
def test_a_workbook_with_a_few_bytes_changed_is_read_or_refused(at: int, change: bytes) -> None:
    data = bytearray(INTACT)
    data[at : at + len(change)] = change
    assert_read_or_refused(bytes(data))


cells = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\r\t\",;'"), max_size=6)


@given(st.integers(2, 4).flatmap(lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1)))
def test_what_was_downloaded_is_read_back_unchanged(content: list[list[str]]) -> None:
    frame = pd.DataFrame(content, columns=pd.Index([f"column {n}" for n in range(len(content[0]))]), dtype="str")
    again = load_table(to_csv(frame), "x").frame
    assert again.to_numpy().tolist() == content
