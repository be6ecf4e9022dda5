"""The steps of a sidecar at which it can be struck, each named by what has just happened unless it says otherwise."""

import os

from shared.wire import STATUS_TOPIC, TAIL_TOPIC
from sidecar import lock
from sidecar.backlog import Backlog
from sidecar.disk import Disk, System
from sidecar.listener import Listener
from sidecar.publisher import Publisher
from sidecar.run import Run
from sidecar.runlog import RunLog
from sidecar.server import Server
from sidecar.unfinished import Unfinished
from sidecar.writer import Writer
from tests.kills.at import Strike, after, before


def in_the_middle_of_a_write(strike: Strike) -> None:
    def write_half(fd: int, data: memoryview) -> int:
        written = os.write(fd, data[: max(len(data) // 2, 1)])
        strike()
        return written

    System.write = staticmethod(write_half)  # type: ignore[arg-type]  # as os.write, for what the sidecar hands it


def publishing(strike: Strike, *, is_done: bool) -> None:
    """Around the publication of an acknowledgement."""
    publish = Publisher.publish

    def struck(publisher: Publisher, *parts: bytes) -> None:
        is_ack = parts[0] not in {STATUS_TOPIC, TAIL_TOPIC}
        if is_ack and not is_done:
            strike()
        publish(publisher, *parts)
        if is_ack and is_done:
            strike()

    Publisher.publish = struck  # type: ignore[method-assign,assignment]


STEPS = {
    # Start.
    "before the lock": before(lock, "take"),
    "locked": after(lock, "take"),
    "bound": after(Listener, "_bind"),
    "ready": after(Server, "startup"),
    "listed": after(Unfinished, "find"),
    "recovering": after(RunLog, "_take_up"),
    "recovered": after(RunLog, "recover"),
    # The way of an event.
    "received": before(Backlog, "put"),
    "queued": after(Backlog, "put"),
    "admitted": after(Run, "_admit"),
    "created": after(Disk, "create"),
    "half appended": in_the_middle_of_a_write,
    "appended": after(Disk, "write"),
    "fsynced": after(Disk, "fsync"),
    "reported": after(Server, "_take_report"),
    "acknowledging": lambda strike: publishing(strike, is_done=False),
    "acknowledged": lambda strike: publishing(strike, is_done=True),
    # The end of a run, and of the sidecar.
    "closing": before(Run, "close"),
    "closed": after(Run, "close"),
    "draining": after(Server, "request_stop"),
    "ending": before(Server, "shutdown"),
    "settled": after(Writer, "_settle"),
    "sockets closed": before(Server, "close"),
}
