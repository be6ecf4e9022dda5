"""Troubles that really happen to a running stack, one after the other, with what the panel is to say of each."""

import errno
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.fault.hanging import Bench, bench
from tests.looks.tour import Sight, looks
from tests.stack.running import READY, URL, Stack

GUI = "python -u -m tests.stack.flooded_gui"
WELL = "Everything is on disk."
TOUCHED = "Keep these files"
BADGES = re.compile("^(Recording late|Disk failing|Sidecar .*)$")
# Of the flood, besides the few that were in what was cut off.
LOST = r"1,\d{3} events lost"


@dataclass(frozen=True)
class Trouble:
    """`begin` and `end` make it so and return when the fact was, in unix seconds; the panel is to say `says`, then `well`.

    `says` and `well` are regular expressions.
    """

    name: str
    fact: str
    says: str
    begin: Callable[[], float]
    end: Callable[[], float]
    well: str


class Scene:
    """A stack whose logs lie on a disk that obeys, and a page on it."""

    def __init__(self, stage: Bench, stack: Stack, page: Page) -> None:
        self.stage, self.stack, self.page = stage, stack, page
        self.sidecar = stack.wait_until_ready()
        self._readies = 1
        # Behind the shell that honcho starts for each.
        started = {module: each for each in stack.children() if (module := "".join(each.cmdline()[3:4]))}
        self._keeper, self._gui = started["shared.keeper"], started["tests.stack.flooded_gui"]
        page.goto(stack.wait_for(URL)[1])
        page.get_by_text(WELL).wait_for()

    def troubles(self) -> Iterator[Trouble]:
        """Each once. The last one leaves its mark on the panel, as long as this GUI lives."""
        for name, fact, says, begin, end, well in (
            ("late", "fsync hangs", "Recording late: .* has not answered for", self._hang, self._release, WELL),
            (
                "dying",
                "SIGKILL in fsync",
                "Sidecar does not answer: .* was killed and cannot end",
                self._kill_in_a_hang,
                self._release_the_dead,
                WELL,
            ),
            ("failing", "write is refused", "Disk failing", self._refuse, self._mend, WELL),
            ("stopped", "SIGSTOP", "Sidecar does not answer: .* is suspended", self._stop, self._go_on, WELL),
            ("absent", "SIGKILL", "Sidecar not running", self._kill, self._start_again, WELL),
            ("touched", "the log is cut", TOUCHED, self._touch, time.time, TOUCHED),
            ("lost", "memory overflows", "events? had to be dropped", self._lose, self._start_again, LOST),
        ):
            yield Trouble(name, fact, says, begin, end, well)

    def open_another_page(self) -> None:
        """Which is an event."""
        links = self.page.get_by_test_id("stSidebarNavLink")
        title = "Home" if "clean_text" in self.page.url else "Clean text"
        links.filter(has_text=title).click()

    def _hang(self) -> float:
        before = len(self.stage.mount.met("hung"))
        self.stage.mount.hang("fsync")
        self.open_another_page()
        self.stage.mount.wait_for("hung", "fsync", occurrence=before + 1)
        return time.time()

    def _release(self) -> float:
        now = time.time()
        self.stage.mount.release()
        return now

    def _kill_in_a_hang(self) -> float:
        self._hang()
        now = time.time()
        os.kill(self.sidecar, signal.SIGKILL)
        return now

    def _release_the_dead(self) -> float:
        now = self._release()
        self._wait_for_the_next_one()
        return now

    def _refuse(self) -> float:
        before = len(self.stage.mount.met("failed"))
        self.stage.mount.fail("write", errno.ENOSPC)
        self.open_another_page()
        self.stage.mount.wait_for("failed", "write", occurrence=before + 1)
        return time.time()

    def _mend(self) -> float:
        now = time.time()
        self.stage.mount.mend()
        return now

    def _stop(self) -> float:
        now = time.time()
        os.kill(self.sidecar, signal.SIGSTOP)
        self.open_another_page()
        return now

    def _go_on(self) -> float:
        now = time.time()
        os.kill(self.sidecar, signal.SIGCONT)
        return now

    def _kill(self) -> float:
        # The keeper would start it again before anybody could look.
        self._keeper.suspend()
        now = time.time()
        os.kill(self.sidecar, signal.SIGKILL)
        self.open_another_page()
        return now

    def _start_again(self) -> float:
        self._keeper.resume()
        self._wait_for_the_next_one()
        return time.time()

    def _wait_for_the_next_one(self) -> None:
        self._readies += 1
        self.sidecar = int(self.stack.wait_for(READY, self._readies)[1])

    def _touch(self) -> float:
        (log,) = self.stage.backing.iterdir()
        now = time.time()
        os.truncate(log, log.stat().st_size // 2)
        self.open_another_page()
        return now

    def _lose(self) -> float:
        self._kill()
        now = time.time()
        os.kill(self._gui.pid, signal.SIGUSR1)
        return now


@contextmanager
def scene(root: Path, page: Page) -> Iterator[Scene]:
    """The scene in the directory `root`."""
    with bench(root) as stage, stage.stack(GUI) as stack:
        yield Scene(stage, stack, page)


def sidebar_says(page: Page, pattern: str) -> None:
    """Wait until the panel says what fits `pattern`."""
    page.get_by_test_id("stSidebar").get_by_text(re.compile(pattern)).first.wait_for()


def trouble_sights(scene: Scene, only: str = "") -> Iterator[Sight]:
    """Each trouble in each look that has `only` in its name."""
    for trouble in scene.troubles():
        trouble.begin()
        sidebar_says(scene.page, trouble.says)
        yield from looks(scene.page, trouble.name, only)
        trouble.end()
        sidebar_says(scene.page, trouble.well)
        if trouble.well == WELL:
            # Nor does the page beside it speak of it any more.
            expect(scene.page.get_by_test_id("stMain").get_by_text(BADGES)).to_have_count(0)
