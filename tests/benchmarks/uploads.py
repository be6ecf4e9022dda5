"""A file just under and one just over 200 MB in a real browser: `python -m tests.benchmarks.uploads`.

The large table is that of `tests.benchmarks.tables`. Each step lasts from the click until its result can be seen. Meanwhile another
user, in a browser of their own, goes from page to page: how long does each click take? Memory is the GUI process's own, at most,
while the step lasts.
"""

import argparse
import re
import statistics
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import perf_counter

import psutil
from playwright.sync_api import Locator, Page

from shared.naming import Directories
from tests.benchmarks.machine import look
from tests.benchmarks.tables import made_up
from tests.looks.tour import links
from tests.stack.browser import CHROMIUM, opened_page
from tests.stack.running import URL, Stack

# As the browser counts megabytes.
LIMIT = 200_000_000
PATIENCE_MS = 20 * 60 * 1000
# Links of the navigation in turn.
PAGES = ("Clean text", "Home")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.uploads", description=__doc__)
    parser.add_argument("--bytes", type=int, default=LIMIT, help="of the file that is taken (default: the limit)")
    size = parser.parse_args().bytes
    if CHROMIUM is None:
        print("chromium is needed (Debian: chromium).")
        return 1
    print(*look().lines(), sep="\n")
    with tempfile.TemporaryDirectory(prefix="dt-", dir="/tmp") as base, ExitStack() as open_things:
        under, over = files(Path(base), size)
        stack = Stack(Directories(Path(base) / "logs", Path(base) / "run"), Path(base))
        open_things.callback(stack.close)
        stack.wait_until_ready()
        page = open_things.enter_context(opened_page())
        assert page.context.browser is not None
        other = page.context.browser.new_context().new_page()
        for each in (page, other):
            each.set_default_timeout(PATIENCE_MS)
            each.goto(stack.wait_for(URL)[1])
            each.get_by_text("Everything is on disk.").wait_for()
        (gui,) = (each for each in stack.children() if each.cmdline()[-4:-2] == ["-m", "gui"])
        measure(page, other, gui, under, over, Path(base))
    return 0


def files(directory: Path, size: int) -> tuple[Path, Path]:
    """One of at most `size` bytes, and one just over the limit."""
    line = len(made_up(1_000, 170, 1)) / 1_000
    data = made_up(round(size / line * 1.01), 170, 1)
    whole = data[: data.rindex(b"\n", 0, size) + 1]
    under, over = directory / "under.csv", directory / "over.csv"
    under.write_bytes(whole)
    over.write_bytes(whole + b"\n" * (LIMIT + 1 - len(whole)))
    print(f"{len(whole):,} bytes and {over.stat().st_size:,} bytes, {whole.count(chr(10).encode()) - 1:,} rows")
    return under, over


def measure(page: Page, other: Page, gui: psutil.Process, under: Path, over: Path, base: Path) -> None:
    print(f"\n{'':<28}{'seconds':>9}{'clicks of another user, median and slowest':>45}{'memory':>10}")
    field, bar = page.locator("input[type=file]"), page.locator(".st-key-work")

    def step(name: str, act: Callable[[], None], done: Locator) -> None:
        with peak(gui) as most:
            start = perf_counter()
            act()
            clicks = []
            while not done.is_visible():
                clicks.append(click(other))
            seconds = perf_counter() - start
        told = f"{statistics.median(clicks):.2f} s, {max(clicks):.2f} s ({len(clicks)})" if clicks else ""
        print(f"{name:<28}{seconds:>9.1f}{told:>45}{most[0] / 1e9:>7.1f} GB", flush=True)

    step(
        "refuse the one over 200 MB",
        lambda: field.set_input_files(over),
        page.get_by_text(re.compile(r"must be \S+ or smaller")),
    )
    step("upload", lambda: field.set_input_files(under), bar)
    step("load and look through", lambda: None, page.get_by_role("heading", name="under.csv"))
    links(page).filter(has_text="Clean text").click()
    step("clean", page.get_by_role("button", name="Clean the table").click, page.get_by_text("cells changed"))
    for kind in ("CSV", "XLSX"):
        prepare = page.get_by_role("button", name=f"Prepare {kind}")
        ready = page.get_by_role("button", name=re.compile(rf"Download .*{kind} \("))
        if prepare.is_disabled():
            print(f"{'prepare ' + kind:<28} refused: {page.get_by_text('Download it as CSV').inner_text()[-120:]}")
            continue
        step(f"prepare {kind}", prepare.click, ready)
        start = perf_counter()
        with page.expect_download() as download:
            ready.click()
        download.value.save_as(base / "taken")
        size = (base / "taken").stat().st_size
        print(f"{'download ' + kind:<28}{perf_counter() - start:>9.1f}   {size:,} bytes", flush=True)
    links(page).filter(has_text="Deduplicate").click()
    found = page.get_by_text(re.compile("Rows to go|No two rows")).first
    step("find duplicates", page.get_by_role("button", name="Find duplicates").click, found)


def click(page: Page) -> float:
    """Open the next page and wait for its heading. Returns seconds."""
    title = PAGES[page.get_by_role("heading", name=PAGES[0], level=1).count()]
    start = perf_counter()
    links(page).filter(has_text=title).click()
    page.get_by_role("heading", name=title, level=1).wait_for()
    return perf_counter() - start


@contextmanager
def peak(process: psutil.Process) -> Iterator[list[int]]:
    """The most memory of `process` within, in bytes."""
    most, over = [process.memory_info().rss], threading.Event()

    def watch() -> None:
        while not over.wait(0.05):
            most[0] = max(most[0], process.memory_info().rss)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield most
    finally:
        over.set()
        thread.join()


if __name__ == "__main__":
    raise SystemExit(main())
