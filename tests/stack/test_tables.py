"""Tables in a real browser: several files at once, a broken one among them; and downloads that are what they should be."""

import re
import urllib.request
from collections.abc import Callable
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest
from playwright.sync_api import Locator, Page, expect

from gui.product import SMALL_CELLS
from tests.looks.tour import open_page
from tests.stack.browser import needs_chromium
from tests.stack.running import DEADLINE_S, URL, Stack

pytestmark = [needs_chromium, pytest.mark.long]

SOON_MS = 40_000


def downloaded(page: Page, button: Locator, target: Path) -> tuple[bytes, str]:
    """What a click on `button` gives, and its address."""
    with page.expect_download(timeout=SOON_MS) as download:
        button.click()
    download.value.save_as(target)
    return target.read_bytes(), download.value.url


@pytest.fixture
def home(start: Callable[..., Stack], page: Page) -> Page:
    stack = start()
    stack.wait_until_ready()
    expect.set_options(timeout=SOON_MS)
    page.goto(stack.wait_for(URL)[1])
    page.get_by_text("Everything is on disk.").wait_for(timeout=DEADLINE_S * 1000)
    return page


def test_of_several_files_the_broken_one_is_named_and_a_large_one_is_prepared_and_downloaded(
    home: Page, tmp_path: Path
) -> None:
    rows = SMALL_CELLS // 2 + 1
    (tmp_path / "large.csv").write_text("n,x\n" + "".join(f"{n}, x\n" for n in range(rows)), encoding="utf-8")
    (tmp_path / "ragged.csv").write_text("a,b\n1,2\n3\n", encoding="utf-8")
    book = openpyxl.Workbook()
    book.worksheets[0].append(["a", "b"])
    book.worksheets[0].append(["1", "=1+1"])
    book.save(tmp_path / "book.xlsx")
    files = [tmp_path / name for name in ("book.xlsx", "ragged.csv", "large.csv")]
    home.locator("input[type=file]").set_input_files(files)
    expect(home.get_by_text("ragged.csv was not loaded. Line 3 has 1 column where the heading has 2.")).to_be_visible()
    expect(home.get_by_role("heading", name="large.csv")).to_be_visible()
    home.get_by_label("Table at work, of 2").click()
    home.get_by_role("option", name="book.xlsx · 1 row").click()
    expect(home.get_by_text("1 cell is empty here: a formula without a stored result.")).to_be_visible()
    home.get_by_label("Table at work, of 2").click()
    home.get_by_role("option", name=f"large.csv · {rows:,} rows").click()
    expect(home.get_by_role("heading", name="large.csv")).to_be_visible()

    open_page(home, "Clean text")
    home.get_by_role("button", name="Clean the table").click()
    expect(home.get_by_text(f"{rows:,} cells changed")).to_be_visible()
    home.get_by_role("button", name="Prepare CSV").click()
    ready = home.get_by_role("button", name=re.compile(r"Download the cleaned CSV \(1 MB\)"))
    data, url = downloaded(home, ready, tmp_path / "cleaned.csv")
    assert data == b"n,x\r\n" + b"".join(f"{n},x\r\n".encode() for n in range(rows))
    # As it is, so that the browser knows how long it is.
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})) as answer:  # noqa: S310 this very server
        assert answer.headers["Content-Encoding"] is None
        assert int(answer.headers["Content-Length"]) == len(data)


def test_a_download_is_that_of_its_own_tab_however_alike_another_tabs_is(home: Page, tmp_path: Path) -> None:
    # Over 1 MiB, and of the same length, beginning, middle and end.
    filling = "filling " * 12
    lines = [f"{number:05},{number:05},{filling}" for number in range(15_000)]
    lines[4_000], lines[4_001] = "04000,one,x", "04000,two,x"
    (tmp_path / "alike.csv").write_text("\n".join(["key,value,text", *lines]), encoding="utf-8")
    other = home.context.new_page()
    other.goto(home.url)
    for tab, row, value in ((home, "Row 4,001", "one"), (other, "Row 4,002", "two")):
        tab.locator("input[type=file]").set_input_files(tmp_path / "alike.csv")
        expect(tab.get_by_role("heading", name="alike.csv")).to_be_visible()
        open_page(tab, "Deduplicate")
        tab.get_by_label("Columns to compare").fill("key")
        tab.get_by_role("option", name="key", exact=True).click()
        tab.keyboard.press("Escape")
        tab.get_by_role("button", name="Find duplicates").click()
        tab.get_by_role("radiogroup").get_by_text(row, exact=True).click()
        expect(tab.get_by_text(f"{row} (stays)")).to_have_count(1)
        tab.get_by_role("button", name="Remove the duplicates").click()
        data, _ = downloaded(tab, tab.get_by_role("button", name="Download CSV"), tmp_path / value)
        assert f"04000,{value},x\r\n".encode() in data
