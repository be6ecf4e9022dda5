"""Kills `compress` before each of its calls into the file system: `python -m tests.compress.killing FROM TO`.

For each call there is, a copy of the directory FROM is made, `TO/0`, `TO/1`, …, and a process that compresses the log in it
kills itself with SIGKILL before that call; the last one comes to its end. Prints the names of the calls.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from sidecar.compress import compress_log
from sidecar.disk import Disk, System
from sidecar.parts import find_logs

OPERATIONS = [name for name in vars(System) if not name.startswith("_")]


class Mortal(System):
    """Lives for `calls` calls."""

    def __init__(self, calls: int) -> None:
        self._left = calls
        for name in OPERATIONS:
            setattr(self, name, self._counted(name, getattr(System, name)))

    def _counted(self, name: str, operation: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: object, **more: object) -> object:
            self._left -= 1
            if self._left < 0:
                os.write(1, f"{name}\n".encode())
                os.kill(os.getpid(), signal.SIGKILL)
            return operation(*arguments, **more)

        return call


def kill_before(number: int, directory: Path) -> bool:
    """Whether it was killed; otherwise it came to its end."""
    pid = os.fork()
    if pid == 0:
        [log] = find_logs(directory)
        compress_log(Disk(system=Mortal(number)), log)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def main(source: Path, target: Path) -> None:
    for number in count():
        directory = target / str(number)
        shutil.copytree(source, directory)
        if not kill_before(number, directory):
            return


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
