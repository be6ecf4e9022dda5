"""Has the parts of a long log checked by processes beside this one, each part by itself, ahead of the one who asks.

- Of three processes the first takes the parts 1, 4, 7 …, and so on. Each writes what it found into its pipe and waits when that
  is full: memory does not grow with the log.
- Their help is never needed: of what one leaves unsaid, because it was killed or could not read, nothing is known, and the part is
  read by the one who asked, who then says what the matter is.
- A process ends when its stdin does, so none is left behind, however this one ends.
"""

import os
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import cycle, repeat
from subprocess import DEVNULL, PIPE, Popen
from typing import IO, cast

import msgspec

from sidecar.reader.framing import read_frame, write_frame
from sidecar.verify.files import Source
from sidecar.verify.report import Alone

# Less is checked in 0.3 s here, and each process takes 0.1 s of a CPU to start.
_LEAST_BYTES = 64 * 1024 * 1024
# More would wait for the disk, and each takes 25 MiB of memory.
_PROCESSES_MAX = 8

# Beside logs of others may lie modules of others: who was started so that none is taken from there takes none here either.
_SAFE = ("-P",) if sys.flags.safe_path else ()
_COMMAND = (sys.executable, *_SAFE, "-m", "sidecar.verify.worker")


class Job(msgspec.Struct):
    """What a process is to check: paths of parts, as bytes, with how many bytes of each; and at which hashes to stop."""

    files: Sequence[tuple[bytes, int | None]]
    stops: Collection[str]


encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Alone | None).decode


def usable_cpus() -> int:
    """On how many CPUs this process may run."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def checking_ahead(sources: Sequence[Source], most: int, stops: Collection[str]) -> Iterator[Iterator[Alone | None]]:
    """What `check_alone` finds of each part, in their order, by up to `most` processes; None where that is not known.

    There are no processes for less than 64 MiB, nor for one part.
    """
    with ExitStack() as stack:
        processes = _start(stack, sources, most, stops)
        try:
            yield _answers(processes) if processes else repeat(None)
        except BaseException:
            _kill(processes)
            raise


def _start(stack: ExitStack, sources: Sequence[Source], most: int, stops: Collection[str]) -> list[Popen[bytes]]:
    count = min(most, len(sources), _PROCESSES_MAX)
    processes: list[Popen[bytes]] = []
    try:
        if count > 1 and sum(source.path.stat().st_size for source in sources) >= _LEAST_BYTES:
            files = [(os.fsencode(source.path), source.length) for source in sources]
            for first in range(count):
                process = Popen(_COMMAND, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, bufsize=0)
                processes.append(stack.enter_context(process))
                write_frame(cast("IO[bytes]", process.stdin).fileno(), encode(Job(files[first::count], stops)))
    except OSError:
        # No process is to be had, one ended at once, or a part is gone, which whoever reads it says.
        _kill(processes)
        return []
    return processes


def _kill(processes: Sequence[Popen[bytes]]) -> None:
    # Nobody waits for one that hangs.
    for process in processes:
        process.kill()


def _answers(processes: Sequence[Popen[bytes]]) -> Iterator[Alone | None]:
    for process in cycle(processes):
        frame = read_frame(cast("IO[bytes]", process.stdout).fileno())
        yield _decode(frame) if frame else None
