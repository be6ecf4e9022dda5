"""Commands after which the process has no file descriptor left, and has some again."""

import os
import resource

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
