"""How long a user waits for a long log: from the click that chooses it on the Audit trail page until its newest line is drawn."""

import statistics
import tempfile
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Page

from gui.trail.filters import name_of
from shared.naming import Directories
from tests.benchmarks.inside import Metrics
from tests.benchmarks.long_log import RUN, write_log
from tests.benchmarks.suite import Figure, Options, Row, Trial, Unavailable
from tests.stack.browser import CHROMIUM, opened_page
from tests.stack.running import URL, Stack

TURNS, QUICK_TURNS = 10, 1
QUICK_BYTES = 1
NAME = "trail page"

# The table is painted; beside it stands one for screen readers, which the browser does not draw.
CHOOSE = """([run, text]) => new Promise((resolve, reject) => {
    const options = [...document.querySelectorAll("[role=option]")];
    const start = performance.now();
    const look = () => {
        const cells = [...document.querySelectorAll("[data-testid=stDataFrame] canvas td")];
        const seconds = (performance.now() - start) / 1000;
        if (cells.some(cell => cell.textContent.includes(text))) resolve(seconds);
        else if (seconds > 60) reject(new Error(`${text} is not in the table after a minute`));
        else requestAnimationFrame(look);
    };
    options.find(option => option.innerText.includes(run)).click();
    look();
})"""


def trail_page(options: Options) -> Metrics:
    """By turns with this run's own log, which is short."""
    if CHROMIUM is None:
        raise Unavailable("chromium is not installed")
    with tempfile.TemporaryDirectory(prefix="dt-", dir="/tmp") as base:
        root = Path(base)
        directories = Directories(root / "logs", root / "run")
        size = QUICK_BYTES if options.quick else int(options.gigabytes * 1e9)
        last = write_log(directories.audit, size)
        with closing(Stack(directories, root)) as stack, opened_page() as page:
            stack.wait_until_ready()
            page.goto(f"{stack.wait_for(URL)[1]}/audit_trail")
            page.get_by_test_id("stDataFrame").wait_for()
            long, short = [], []
            for _ in range(QUICK_TURNS if options.quick else TURNS):
                long.append(choose(page, name_of(RUN), f"Did thing number {last}"))
                short.append(choose(page, own_name(page), "Opened audit_trail"))
            return {"long log": statistics.median(long), "short log": statistics.median(short)}


def own_name(page: Page) -> str:
    """This run's, which stands first."""
    open_runs(page)
    return page.get_by_role("option").first.inner_text()


def choose(page: Page, run: str, text: str) -> float:
    """Seconds until `text` is in the table of that run, by the browser's own clock."""
    if not page.get_by_role("option").count():
        open_runs(page)
    return float(page.evaluate(CHOOSE, [run, text]))


def open_runs(page: Page) -> None:
    page.get_by_role("combobox", name="Run", exact=True).click()
    page.get_by_role("option").first.wait_for()


TRIALS = [Trial(NAME, trail_page, rounds=3)]
ROWS = [Row("page", "a long log: chosen on the trail page until drawn", Figure(NAME, "long log"), "ms", 1.0)]
