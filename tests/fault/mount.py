"""A mounted file system that obeys the test; see commanded_fs.py."""

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any, cast

import pytest

from tests.support.waiting import DEADLINE, ROOT, until

HAS_FUSE = shutil.which("fusermount3") is not None and os.access("/dev/fuse", os.R_OK | os.W_OK)
needs_fuse = pytest.mark.skipif(not HAS_FUSE, reason="FUSE is not installed (Debian: fuse3); .ci/run installs it")


class Mount:
    """`root/mnt` shows what is in `root/backing`, and hangs or fails as it is told to."""

    def __init__(self, root: Path) -> None:
        self.backing, self.path = root / "backing", root / "mnt"
        self.backing.mkdir(exist_ok=True)
        self.path.mkdir(exist_ok=True)
        self.facts: list[dict[str, Any]] = []
        self._changed = threading.Condition()
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-m", "tests.fault.commanded_fs", str(self.backing), str(self.path)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.wait_for("mounted")
        until(self.path.is_mount, f"{self.path} mounted")

    def hang(self, operation: str, only: str = "") -> None:
        """Let every call of `operation` wait until `release`; with `only`, on paths that have that text in them."""
        self._order("hang", operation, only)

    def release(self) -> None:
        """Let everything go on that hangs."""
        self._order("release")

    def slow(self, operation: str, seconds: float) -> None:
        """Let each call of `operation` take `seconds` more, until `mend`."""
        self._order("slow", operation, seconds)

    def watch(self) -> None:
        """Have every call told from now on, as `called`."""
        self._order("watch")

    def fail(self, operation: str, code: int, *, times: int = -1, after: int = 0, only: str = "") -> None:
        """Let `operation` fail with `code`, `times` times (-1: until `mend`), after `after` calls that work.

        With `only`, on paths that have that text in them.
        """
        self._order("fail", operation, code, times, after, only)

    def short(self, size: int) -> None:
        """Let every write write at most `size` bytes."""
        self._order("short", size)

    def mend(self, operation: str = "") -> None:
        """Let everything work again from here on; with `operation`, only that does not fail any more."""
        self._order("mend", operation)

    def met(self, kind: str, operation: object = None) -> list[dict[str, Any]]:
        """What happened to somebody's calls: `kind` is `hung`, `slowed`, `failed`, `short` or `called`."""
        with self._changed:
            return [fact for fact in self.facts if kind in fact and operation in {None, fact[kind]}]

    def wait_for(self, kind: str, operation: object = None, occurrence: int = 1) -> dict[str, Any]:
        """The n-th proof that it happened."""
        with self._changed:
            found: list[dict[str, Any]] = []

            def is_there() -> bool:
                found[:] = [fact for fact in self.facts if kind in fact and operation in {None, fact[kind]}]
                return len(found) >= occurrence

            assert self._changed.wait_for(is_there, DEADLINE), f"{kind} {operation} never happened: {self.facts[-20:]}"
            return found[occurrence - 1]

    def take_away(self) -> None:
        """Kill the file system: from now on every call fails with ENOTCONN, as with a drive that was pulled out."""
        self._process.kill()
        self._process.wait(DEADLINE)

    def close(self) -> None:
        """End it. What still hangs in it fails. A second time it does nothing."""
        cast("IO[bytes]", self._process.stdin).close()
        self._process.wait(DEADLINE)
        self._reader.join(DEADLINE)
        cast("IO[bytes]", self._process.stdout).close()
        subprocess.run(["fusermount3", "-u", "-z", str(self.path)], check=False, capture_output=True)

    def _order(self, *order: object) -> None:
        with self._changed:
            answered = sum("done" in fact for fact in self.facts)
        stdin = cast("IO[bytes]", self._process.stdin)
        stdin.write(json.dumps(order).encode() + b"\n")
        stdin.flush()
        self.wait_for("done", occurrence=answered + 1)

    def _read(self) -> None:
        for line in cast("IO[bytes]", self._process.stdout):
            with self._changed:
                self.facts.append(json.loads(line))
                self._changed.notify_all()
