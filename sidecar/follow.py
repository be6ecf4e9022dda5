"""`python -m sidecar tail`: lines as they become durable."""

import contextlib
import sys
import time

import msgspec
import zmq

from shared import settings
from shared.naming import Directories
from shared.transport import meet
from shared.wire import STATUS_TOPIC, TAIL_TOPIC
from sidecar.context import interruptible_context
from sidecar.screen import event_line

# The sidecar says every half second that it lives.
SILENCE_S = 1.5
# How soon a run directory that is made, or made anew, is found.
LOOK_S = 0.5


class TailLine(msgspec.Struct, frozen=True):
    """The keys of a line that a reader looks at."""

    ts: str
    level: str
    category: str
    message: str


_decode = msgspec.json.Decoder(TailLine).decode


def run(directories: Directories, run_id: str | None, category: str | None, *, as_json: bool) -> int:
    """Print each durable line of `run_id` and `category` (None: of all) until interrupted. Survives the sidecar.

    Raises AuditError when the run directory is not to be trusted.
    """
    transport = settings.transport()
    # Ctrl-C is how one stops following.
    with contextlib.suppress(KeyboardInterrupt), interruptible_context() as context:
        sys.stderr.write("Following what is written from now on; Ctrl-C ends.\n")
        while True:
            try:
                with meet(directories.run, transport) as meeting, context.socket(zmq.SUB) as sub:
                    sub.set(zmq.LINGER, 0)
                    sub.subscribe(TAIL_TOPIC)
                    sub.subscribe(STATUS_TOPIC)
                    meeting.connect(sub, "acks")
                    # After a silence the sidecar may be another one, in another directory or with other ports and keys.
                    while sub.poll(int(SILENCE_S * 1000)):
                        match sub.recv_multipart():
                            case [topic, name, lines] if topic == TAIL_TOPIC and run_id in {
                                None,
                                name.decode("ascii", "replace"),
                            }:
                                _print(lines, category, as_json=as_json)
            except FileNotFoundError:
                # No sidecar has made it yet.
                time.sleep(LOOK_S)
    return 0


def _print(lines: bytes, category: str | None, *, as_json: bool) -> None:
    for line in lines.removesuffix(b"\n").split(b"\n"):
        try:
            found = _decode(str(line, "utf-8"))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            # No sidecar's: something else publishes here.
            continue
        if category in {None, found.category}:
            text = line.decode() if as_json else event_line(found.ts, found.level, found.category, found.message)
            sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
