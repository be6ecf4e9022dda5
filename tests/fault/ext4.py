"""A real ext4 in a file, that the kernel makes read-only as it does after an error, and that is mounted anew."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fault.tmpfs import MIB, mount
from tests.support.waiting import until


class Ext4:
    def __init__(self, root: Path) -> None:
        self._image = root / "image"
        self.path = root / "mnt"

    def make(self) -> None:
        """Make the file system and mount it; nobody may write into the mount point while it is not mounted."""
        mkfs = shutil.which("mkfs.ext4", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
        if mkfs is None:
            pytest.skip("there is no mkfs.ext4 (Debian: e2fsprogs)")
        self._image.touch()
        os.truncate(self._image, 8 * MIB)
        subprocess.run([mkfs, "-q", "-F", str(self._image)], check=True)
        self.path.mkdir(0o500)
        self.mount()

    def mount(self) -> None:
        mount("-o", "loop,errors=remount-ro", str(self._image), str(self.path))

    def break_down(self) -> None:
        """Have the kernel find an error in it: from then on it is read-only, whoever has files open for writing."""
        subprocess.run(["mount", "-o", "remount,abort", str(self.path)], check=True)

    def mount_anew(self) -> None:
        """Unmount it as soon as nobody has a file open there, and mount it: the journal is replayed."""
        until(lambda: subprocess.run(["umount", str(self.path)], check=False, capture_output=True).returncode == 0,
              f"{self.path} unmounted")  # fmt: skip
        self.mount()


@contextmanager
def ext4(root: Path) -> Iterator[Ext4]:
    """Mount one at `root/mnt`, and unmount it whatever happens; skips the test where that is refused."""
    root.mkdir()
    disk = Ext4(root)
    disk.make()
    try:
        yield disk
    finally:
        # Not mounted when mounting it anew has failed.
        if disk.path.is_mount():
            subprocess.run(["umount", "--lazy", str(disk.path)], check=True)
