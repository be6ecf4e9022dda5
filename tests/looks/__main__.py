"""`python -m tests.looks DIRECTORY`: screenshots of each page, light and dark, wide and narrow."""

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from shared.naming import Directories
from tests.looks.tour import HEIGHT, WIDE, sights
from tests.stack.browser import CHROMIUM, FLAGS
from tests.stack.running import DEADLINE_S, URL, Stack


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.looks", description=__doc__)
    parser.add_argument("directory", type=Path, help="where the pictures go")
    parser.add_argument("--only", default="", metavar="TEXT", help="only pictures with this in their name")
    arguments = parser.parse_args()
    arguments.directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="dt-", dir="/tmp") as base:
        stack = Stack(Directories(Path(base) / "logs", Path(base) / "run"), Path(base))
        try:
            stack.wait_until_ready()
            _take(stack.wait_for(URL)[1], arguments.directory, arguments.only)
        finally:
            stack.close()


def _take(url: str, directory: Path, only: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": WIDE, "height": HEIGHT})
        page.set_default_timeout(DEADLINE_S * 1000)
        page.goto(url)
        page.get_by_text("Everything is on disk.").wait_for()
        for sight in sights(page, only):
            page.screenshot(path=directory / f"{sight}.png")
            sys.stdout.write(f"{sight}.png\n")
        browser.close()


if __name__ == "__main__":
    main()
