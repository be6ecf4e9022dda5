"""`python -m sidecar tail`: lines as they become durable."""

import contextlib
import sys

import msgspec
import zmq

from shared.naming import Directories
from shared.transport import endpoint
from shared.wire import TAIL_TOPIC
from sidecar.screen import event_line


class TailLine(msgspec.Struct, frozen=True):
    """The keys of a line that a reader looks at."""

    ts: str
    level: str
    category: str
    message: str


_decode = msgspec.json.Decoder(TailLine).decode


def run(directories: Directories, run_id: str | None, category: str | None, *, as_json: bool) -> int:
    """Print each durable line of `run_id` and `category` (None: of all) until interrupted. Survives the sidecar."""
    # Ctrl-C is how one stops following.
    with contextlib.suppress(KeyboardInterrupt), zmq.Context() as context, context.socket(zmq.SUB) as sub:
        sub.set(zmq.LINGER, 0)
        sub.subscribe(TAIL_TOPIC)
        sub.connect(endpoint(directories.run, "acks"))
        sys.stderr.write("Following what is written from now on; Ctrl-C ends.\n")
        while True:
            _, run_name, lines = sub.recv_multipart()
            if run_id in {None, run_name.decode()}:
                _print(lines, category, as_json=as_json)
    return 0


def _print(lines: bytes, category: str | None, *, as_json: bool) -> None:
    for line in lines.removesuffix(b"\n").split(b"\n"):
        found = _decode(line)
        if category in {None, found.category}:
            text = line.decode() if as_json else event_line(found.ts, found.level, found.category, found.message)
            sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
