"""What the writer has been handed, as somebody sees it who only counts: a sidecar that is not killed loses nothing of it."""

from shared.wire import UNKNOWN_RUN, Event, Skipped, decode_upstream
from sidecar.run import Written
from tests.simulation.plan import POISON


class Received:
    """Of each run, a number through which everything was durable or handed over since.

    When it `holds_all`, nothing is let go while the disk refuses.
    """

    def __init__(self, *, holds_all: bool) -> None:
        self._holds_all = holds_all
        self._through: dict[str, int] = {}
        self._durable: dict[str, int] = {}

    def note(self, frame: bytes) -> None:
        """The writer gets `frame`."""
        message = None if POISON.encode() in frame else decode_upstream(frame)
        if message is None or message.run not in self._through:
            return
        through = self._through[message.run]
        if isinstance(message, Event) and message.seq == through + 1:
            self._through[message.run] = message.seq
        elif isinstance(message, Skipped) and message.first <= through + 1:
            self._through[message.run] = max(through, message.last)

    def check(self, written: Written) -> None:
        """The writer asks for nothing that it was handed, and closes no log without it."""
        ack = written.ack
        if ack.part == UNKNOWN_RUN:
            return
        through = self._through[ack.run] = max(self._through.get(ack.run, 0), ack.durable)
        self._durable[ack.run] = ack.durable
        if self._holds_all:
            assert not 0 < ack.wanted <= through, f"asks for {ack.wanted}, and was handed all through {through}"
            assert not written.closed or ack.durable == through, f"closed with {ack.durable}, and was handed {through}"
        if written.closed:
            del self._through[ack.run]

    def check_end(self) -> None:
        """Everything is durable when it ends by itself."""
        for run, through in self._through.items():
            late = f"{run[-8:]}: was handed all through {through}, and {self._durable[run]} are durable"
            assert not self._holds_all or self._durable[run] == through, late
