"""`python -m tests.looks DIRECTORY`: screenshots of each page and of the panel in trouble, light and dark, wide and narrow."""

import argparse
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from shared.naming import Directories
from tests.fault.mount import HAS_FUSE
from tests.looks.tour import HEIGHT, WIDE, Sight, sights
from tests.stack.browser import opened_page
from tests.stack.running import URL, Stack
from tests.stack.troubles import scene, trouble_sights


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
        if HAS_FUSE:
            _take_troubles(Path(base) / "troubles", arguments.directory, arguments.only)
        else:
            sys.stdout.write("FUSE is not installed (Debian: fuse3): no pictures of the panel in trouble.\n")


def _take(url: str, directory: Path, only: str) -> None:
    with opened_page(WIDE, HEIGHT) as page:
        page.goto(url)
        page.get_by_text("Everything is on disk.").wait_for()
        _keep(sights(page, only), directory)


def _take_troubles(root: Path, directory: Path, only: str) -> None:
    with opened_page(WIDE, HEIGHT) as page, scene(root, page) as troubled:
        _keep(trouble_sights(troubled, only), directory)


def _keep(seen: Iterable[Sight], directory: Path) -> None:
    for sight in seen:
        sight.page.screenshot(path=directory / f"{sight}.png")
        sys.stdout.write(f"{sight}.png\n")


if __name__ == "__main__":
    main()
