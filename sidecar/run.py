"""One run as the writer knows it: what of it waits for the disk, and what the disk refuses.

- While the disk refuses, what arrives is held, up to 1 MiB; beyond that it stays in the GUI's outbox and is asked for
  afterwards. So a run in trouble holds up no other, and a GUI may end meanwhile.
"""

from collections.abc import Callable
from typing import NamedTuple

from shared.chain import event_body
from shared.wire import Ack, Alive, Bye, Event, Hello, Skipped
from sidecar import records
from sidecar.admission import Admission, Gap
from sidecar.health import Failure, failure_of
from sidecar.liveness import find, is_alive
from sidecar.log_chain import Before
from sidecar.records import CLEAN, VANISHED, Owner
from sidecar.runlog import RunLog

RETRY_S, RETRY_MAX_S = 0.1, 2.0
UNWRITABLE = "unwritable"
# What a run in trouble may hold beside the batch that is tried again.
HELD_BYTES = 1024 * 1024

Message = Event | Skipped | Alive | Bye


class Written(NamedTuple):
    """Report of one commit of one run: the acknowledgement, and what was written."""

    ack: Ack
    urgent: bool
    lines: bytes
    events: list[Event]
    lost: int = 0
    closed: bool = False
    # How many bytes of the part are durable.
    size: int = 0


class Run:
    """A run between its Hello and its closing line. `sidecar` names this instance; `complain` must not block.

    `touched`: something is to be committed or answered; `notice`: the last damage to its log, for the GUI to show.
    """

    def __init__(self, log: RunLog, owner: Owner, sidecar: str, complain: Callable[[str], None]) -> None:
        self.log = log
        self.owner = owner
        self.process = find(owner)
        self.failure: Failure | None = None
        self.retry_at = 0.0
        self.touched = False
        self.gone_at: float | None = None
        self.notice = ""
        self.waiting_bytes = 0
        self._sidecar = sidecar
        self._complain = complain
        # None until the log is taken up.
        self._admission: Admission | None = None
        self._heard = 0
        self._known: Before | None = None
        # The last number as the goodbye tells it, -1 for none.
        self._bye = -1
        self._held: list[Message] = []
        self._held_bytes = 0
        self._delay = RETRY_S
        self._bodies: list[bytes] = []
        self._events: list[Event] = []
        self._lost = 0
        self._urgent = False

    @property
    def is_taken_up(self) -> bool:
        """Whether its log was read, so that what it says can be taken."""
        return self._admission is not None

    @property
    def said_bye(self) -> bool:
        """Whether its last word was a goodbye. That of an older connection may come late, behind what was said since."""
        return self._bye >= self._heard

    @property
    def is_over(self) -> bool:
        """Whether nothing more is expected of it."""
        return self.said_bye or not is_alive(self.process)

    @property
    def left_behind(self) -> int:
        """How many numbers the GUI has given out, as far as is known, that the log does not account for."""
        return max(self._heard - self.log.last, 0)

    # Hearing.

    def greet(self, hello: Hello) -> None:
        """The GUI begins to send, perhaps again."""
        self.hear_of(hello)
        if hello.head:
            self._known = Before(hello.head, hello.durable)
        self._bye = -1
        self.touched, self.gone_at, self._urgent = True, None, True
        if self._admission is not None and self.failure is None:
            self._admission.greet(hello.seq)

    def hear_of(self, message: Hello | Message) -> None:
        """Note how far the GUI has come."""
        last = message.last if isinstance(message, Skipped) else message.seq
        if last > self._heard:  # noqa: PLR1730 - max() takes three times as long, for each event
            self._heard = last

    def hear(self, message: Message, size: int) -> None:
        """Take what the GUI says, in a frame of `size` bytes, into the batch that the next `commit` writes."""
        self.hear_of(message)
        self.touched, self.gone_at = True, None
        admission = self._admission if self.failure is None else None
        if admission is not None and type(message) is Event:
            # Nearly all are, and the way through the rest takes a sixth of what one costs the writer.
            self._admit(admission, message)
            return
        if isinstance(message, Bye):
            self._bye = message.seq
        self._urgent |= _is_urgent(message)
        if admission is not None:
            self._take(admission, message)
        elif self._held_bytes < HELD_BYTES:
            self._held.append(message)
            self._held_bytes += size

    def _take(self, admission: Admission, message: Message) -> None:
        match message:
            case Event():
                self._admit(admission, message)
            case Skipped(first=first, last=last, reason=reason):
                if last >= first and (gap := admission.skip(first, last)):
                    self._declare(gap, reason)
            case Alive(seq=seq) | Bye(seq=seq):
                admission.announce(seq)

    def _admit(self, admission: Admission, event: Event) -> None:
        if not admission.admit(event.seq):
            return
        try:
            body = event_body(
                event.ts, event.level, event.category, event.session, event.message, event.extra, event.seq
            )
        except Exception as error:  # noqa: BLE001 - whatever a producer put into it; the run goes on behind a gap
            self._complain(f"Event {event.seq} of run {event.run} cannot be written: {error}")
            self._declare(Gap(event.seq, event.seq), UNWRITABLE)
        else:
            self._bodies.append(body)
            self._events.append(event)
            self.waiting_bytes += len(body)

    def _declare(self, gap: Gap, reason: str) -> None:
        body = records.gap(records.now(), gap, reason)
        self._bodies.append(body)
        self.waiting_bytes += len(body)
        self._lost += gap.events
        self._complain(f"Run {self.log.run}: {records.describe_gap(gap, reason)}")

    # Writing. Each of these may be called again after an OSError, which is what `attempt` does.

    def is_due(self, now: float) -> bool:
        """Whether the disk is to be tried, again if it refused; `now` in monotonic seconds."""
        return self.failure is None or now >= self.retry_at

    def attempt(self, operation: Callable[[], Written], now: float) -> Written | None:
        """Do `operation`; None when the disk refuses, which `failure` then tells."""
        try:
            written = operation()
        except OSError as error:
            self.failure = failure_of(error, self.failure.since if self.failure else records.now())
            self.retry_at, self._delay = now + self._delay, min(self._delay * 2, RETRY_MAX_S)
            self.touched = True
            return None
        self.failure, self._delay = None, RETRY_S
        return written

    def commit(self) -> Written:
        """Write what waits and fsync it, the log having been taken up. Raises OSError."""
        admission, failed = self._take_up(), self.failure is not None
        # After a failure also with nothing to write: that the disk works again is not to be guessed.
        is_needed = bool(self._bodies) or failed
        lines = self.log.append(self._bodies, admission.next - 1, self._lost) if is_needed else b""
        urgent, events, lost = self._urgent or failed, self._events, self._lost
        self._bodies, self._events, self._lost, self.waiting_bytes = [], [], 0, 0
        self.touched = self._urgent = False
        if failed:
            self._take_held(admission)
        return Written(self._ack(admission.take_wanted()), urgent, lines, events, lost, size=self.log.size)

    def _take_held(self, admission: Admission) -> None:
        held, self._held, self._held_bytes = self._held, [], 0
        admission.greet(self._heard)
        for message in held:
            self._take(admission, message)
            self.touched = True
        # What found no room.
        admission.announce(self._heard)

    def record(self, body: bytes) -> Written:
        """Write a record of the sidecar's own; everything else is committed. Raises OSError."""
        lines = self.log.append([body], self.log.last)
        return Written(self._ack(0), urgent=False, lines=lines, events=[], size=self.log.size)

    def close(self) -> Written:
        """Write the closing line; everything else is committed. Raises OSError."""
        known = max(self._take_up().known, self._heard)
        # Nothing to write, but whatever happened to the file is found out and declared before it is summed up.
        lines = self.log.append([], self.log.last)
        clean = self.said_bye and known <= self.log.last
        body = records.closing(records.now(), CLEAN if clean else VANISHED, self.log.last, self.log.lost, known)
        lines += self.log.append([body], self.log.last)
        self.log.close()
        return Written(self._ack(0), urgent=True, lines=lines, events=[], closed=True, size=self.log.size)

    def _take_up(self) -> Admission:
        if self._admission is None:
            self.log.recover(self._heard, self._known)
            self._admission = Admission(self.log.last)
            self._admission.greet(self._heard)
        return self._admission

    def _ack(self, wanted: int) -> Ack:
        log = self.log
        return Ack(log.run, log.last, wanted, self._sidecar, log.lost, log.head, log.part, self.notice)


def _is_urgent(message: Message) -> bool:
    return isinstance(message, Bye) or (isinstance(message, Alive) and message.urgent)
