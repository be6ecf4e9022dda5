"""The steps of a GUI-like process at which it can be struck, each named by what has just happened unless it says otherwise."""

import os
from collections.abc import Callable
from pathlib import Path

import zmq

import gui.audit.link
from gui.audit.outbox import CAPACITY, Outbox
from gui.audit.push import Transmit, transmitter
from gui.audit.recorder import Recorder
from gui.audit.sender import Sender
from tests.kills.at import Strike, after, before
from tests.kills.plans import ACKNOWLEDGED


def at_sending(*, sent: bool) -> Callable[[Strike], None]:
    """The step just before a frame is handed to ZeroMQ, or just after: an event's is kept by then."""

    def wrap(strike: Strike) -> None:
        def striking(socket: zmq.Socket[bytes]) -> Transmit:
            transmit = transmitter(socket)

            def struck(frame: bytes) -> bool:
                if not sent:
                    strike()
                taken = transmit(frame)
                if sent:
                    strike()
                return taken

            return struck

        vars(gui.audit.link)["transmitter"] = striking

    return wrap


STEPS = {
    "greeting": before(Recorder, "send_again"),
    "greeted": after(Recorder, "send_again"),
    "numbering": before(Outbox, "put"),
    "kept": at_sending(sent=False),
    "sent": at_sending(sent=True),
    "acknowledged": after(Outbox, "acknowledge"),
    "before Bye": before(Sender, "say_bye"),
    "said Bye": after(Sender, "say_bye"),
}


def note_acknowledged(plan: Path) -> None:
    """Let the size of a file say how far this process knows its events to be durable, whenever it is killed."""
    size = os.open(plan / ACKNOWLEDGED, os.O_WRONLY | os.O_CREAT, 0o600)
    acknowledge = Outbox.acknowledge

    def noting(outbox: Outbox, durable: int, most: int = CAPACITY) -> bool:
        done = acknowledge(outbox, durable, most)
        os.ftruncate(size, outbox.durable)
        return done

    Outbox.acknowledge = noting  # type: ignore[method-assign,assignment]
