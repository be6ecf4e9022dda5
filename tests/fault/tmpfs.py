"""A small disk in memory, mounted for one test, that can really be filled."""

import errno
import itertools
import os
import subprocess
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PAGE = os.sysconf("SC_PAGE_SIZE")
MIB = 1024 * 1024
NO_SPACE = os.strerror(errno.ENOSPC)


class Tmpfs:
    """Full of what the test puts there besides the logs: `ballast` takes space, `spare` files take inodes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ballast = path / "ballast"

    def fill(self) -> None:
        """Take all pages; a file's last page stays its own, so it can still grow to the end of that."""
        with self._ballast.open("ab", buffering=0) as file:
            refused_in_the_end(lambda: file.write(bytes(MIB)))

    def give(self, pages: int) -> None:
        """Give back so many of the pages that `fill` took."""
        os.truncate(self._ballast, self._ballast.stat().st_size - pages * PAGE)

    def free(self) -> None:
        """Give back what `fill` took."""
        self._ballast.unlink()

    def take_inodes(self) -> None:
        """Leave no inode: nothing can be created, while files that are there can grow."""
        spares = (self.path / f"spare{number}" for number in itertools.count())
        refused_in_the_end(lambda: next(spares).touch())

    def give_inodes(self) -> None:
        for spare in self.path.glob("spare*"):
            spare.unlink()

    def check_full(self) -> None:
        """A page more is refused to the test too."""
        probe = self.path / "probe"
        with pytest.raises(OSError, match=NO_SPACE):
            probe.write_bytes(bytes(PAGE))
        probe.unlink(missing_ok=True)


def refused_in_the_end(take: Callable[[], object]) -> None:
    """Take more until there is no more."""
    with pytest.raises(OSError, match=NO_SPACE):
        deque(iter(take, take), maxlen=0)


@contextmanager
def tmpfs(path: Path, *, size: int = 16 * MIB, inodes: int = 100, options: str = "rw") -> Iterator[Tmpfs]:
    """Mount one at `path`, and unmount it whatever happens; skips the test where mounting is refused."""
    path.mkdir(exist_ok=True)
    mount("-t", "tmpfs", "-o", f"size={size},nr_inodes={inodes},mode=0700,{options}", "tmpfs", str(path))
    try:
        yield Tmpfs(path)
    finally:
        # Whoever still has a file open there keeps it; the name is free.
        subprocess.run(["umount", "--lazy", str(path)], check=True)


def mount(*arguments: str) -> None:
    """Run `mount`, or skip the test where that is refused."""
    try:
        subprocess.run(["mount", *arguments], check=True, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("there is no mount command")
    except subprocess.CalledProcessError as error:
        pytest.skip(f"mounting is refused here: {error.stderr.splitlines()[0]}")
