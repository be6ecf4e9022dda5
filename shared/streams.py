"""The standard streams of a process that was started without them."""

import os

STDIN, STDOUT, STDERR = 0, 1, 2


def occupy() -> None:
    """Open the null device in place of each standard stream that is closed.

    Else the next file or socket gets its number, and what is printed is written into it: into a lock, or into a log.
    """
    for number in (STDIN, STDOUT, STDERR):
        try:
            os.fstat(number)
        except OSError:
            # Closed; the system gives out the lowest number that is free, which is this one.
            os.open(os.devnull, os.O_RDWR)
