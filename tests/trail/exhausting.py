"""Commands that leave the process without file descriptors, or without a moment for Python."""

import ctypes
import os
import resource
import sys

from tests.trail.commands import Answer, command

# Enough for what is open already, little enough to be used up soon.
MOST = 64
taken: list[int] = []


@command
def use_up_descriptors(left: int) -> Answer:
    """Leave so many."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (MOST, hard))
    try:
        while True:
            taken.append(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        refused = error.strerror
    for _ in range(left):
        os.close(taken.pop())
    return {"refused": refused}


@command
def free_descriptors() -> Answer:
    while taken:
        os.close(taken.pop())
    return {}


@command
def hold_gil(seconds: float) -> Answer:
    """No Python code runs for so long, as while a library reads a large file; answers before that, too."""
    sys.stdout.write('{"holding": true}\n')
    sys.stdout.flush()
    ctypes.PyDLL(None).usleep(int(seconds * 1e6))
    return {}
