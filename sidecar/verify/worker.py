"""`python -m sidecar.verify.worker`: checks the parts that `ahead` names on stdin, each by itself, and says on stdout what it found.

When stdin ends, nobody wants to know any more, and this process ends at once.
"""

import os
import sys
import threading
from pathlib import Path

import msgspec

from shared.streams import STDIN, STDOUT
from sidecar.reader.framing import read_frame, write_frame
from sidecar.verify.ahead import Job, encode
from sidecar.verify.alone import check_alone
from sidecar.verify.check import Part
from sidecar.verify.files import Source


def main() -> None:
    """Do one job."""
    job = msgspec.msgpack.decode(read_frame(STDIN) or b"", type=Job)
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    # Until Python 3.12 how deep JSON may be nested depends on the stack's depth: what nearly is too deep is left to whoever asked.
    sys.setrecursionlimit(sys.getrecursionlimit() // 2)
    stops = frozenset(job.stops)
    for name, length in job.files:
        source = Source(Path(os.fsdecode(name)), length=length)
        # What cannot be read ends this process: whoever asked comes to read it, too, and says so.
        write_frame(STDOUT, encode(check_alone(Part(source.path.name, None, 1, source.read), stops)))


def _end_with_stdin() -> None:
    read_frame(STDIN)
    os._exit(1)


if __name__ == "__main__":
    main()
