"""The main thread of the sidecar. Receive, hand to the writer, publish what it reports, answer questions.

No file I/O after start-up: whatever the disk does, this thread says so.
"""

import contextlib
import math
import os
import secrets
import socket
import threading
import time
from collections import deque

import zmq

from shared.naming import READY, Directories
from shared.printer import Printer
from shared.streams import STDERR, STDOUT
from shared.transport import Transport
from shared.wire import (
    STATUS_QUESTION,
    VERSION,
    Heartbeat,
    RunStatus,
    Status,
    encode,
)
from sidecar import health
from sidecar.acknowledger import PERIOD_S
from sidecar.asking import Asking
from sidecar.backlog import Backlog
from sidecar.descriptors import Room
from sidecar.disk import Disk
from sidecar.forward.keeping import Keeping
from sidecar.forward.target import Target
from sidecar.guard import Guard
from sidecar.health import Watch
from sidecar.limits import DEFAULT_LIMITS, Limits
from sidecar.listener import Listener
from sidecar.publisher import Publisher
from sidecar.records import now
from sidecar.run import Run, Written
from sidecar.screen import Screen
from sidecar.writer import Writer

BATCH_FRAMES = 500
POLL_S, HEARTBEAT_S = 0.25, 0.5
# What is not on an event's way is done so soon behind the last one, and at least so often.
SOON_MS, TICK_S = 1, 0.01
# While a file-system call is in progress, which may be about to become a stall.
CALL_POLL_S = 0.1
# A GUI that got its signal at the same instant may not even have connected; honcho kills after 5 s.
DRAIN_MIN_S, DRAIN_MAX_S = 0.5, 3.0
# All of it before the keeper kills, 3.75 s after its signal: what is left until 3.3 s goes to the writer's last fsync.
END_S, ABANDON_S, SCREEN_END_S = 3.3, 0.1, 0.1


class Server:
    """One life of the sidecar."""

    def __init__(
        self,
        directories: Directories,
        transport: Transport,
        room: Room,
        limits: Limits = DEFAULT_LIMITS,
        disk: Disk | None = None,
        screen: Screen | None = None,
        target: Target | None = None,
        attest_minutes: int = 0,
    ) -> None:
        self._directories = directories
        self._transport = transport
        self._room = room
        self._id = secrets.token_hex(4)
        self._started = now()
        self._disk = disk or Disk()
        self._backlog = Backlog(on_room=self.wake)
        self._socket_empty = False
        self._screen = screen or Screen(Printer(STDOUT), Printer(STDERR))
        self._reports: deque[Written] = deque()
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.settimeout(0)
        self._wake_out.settimeout(0)
        self._writer = Writer(
            self._backlog, self._disk, directories.audit, self._id, self._take_report, self._screen.complain, limits,
            room.runs, attest_minutes,
        )  # fmt: skip
        self._thread = threading.Thread(target=self._write, name="writer", daemon=True)
        self._writer_error: BaseException | None = None
        self._watch = Watch(self._started)
        self._guard = Guard(directories.run, self.wake)
        self._asking = Asking(directories.audit, self.wake, self._reply)
        self._keeping = Keeping(directories.audit, target, self.wake) if target else None
        self._heartbeat_at = 0.0
        self._stop_at: float | None = None
        self._keeper_is_gone = False
        # Unless 0, when a tick is due that was put off.
        self._tick_by = 0.0

    # Life.

    def startup(self) -> None:
        """Bind the sockets, start the writer, say that we are ready."""
        self._listener = Listener(
            self._directories.run, self._transport, self._room, self._screen.complain, self._guard
        )
        self._events, self._ask = self._listener.events, self._listener.ask
        self._publisher = Publisher(self._listener.acks)
        self._poller = zmq.Poller()
        for each in (self._events, self._ask, self._wake_in, *self._listener.watched):
            self._poller.register(each, zmq.POLLIN)
        if os.environ.get("DATATOOLS_KEEPER"):
            threading.Thread(target=self._await_keepers_end, name="keeper", daemon=True).start()
        self._guard.start()
        self._thread.start()
        if self._keeping is not None:
            self._keeping.start()
        self._screen.say(f"{READY} (pid {os.getpid()}, {self._id}): writing to {self._directories.audit}")

    def main_loop(self) -> None:
        """Receive and publish until it is time to end."""
        while not self._is_drained():
            self.turn()

    def turn(self) -> None:
        """Wait for something to do, not for long; receive, answer and publish what there is.

        Events and acknowledgements on their way come first: behind either it waits again at once, which lets the writer and
        ZeroMQ's threads go on, and all else waits for `SOON_MS` without any, or for one tick.
        """
        ready = dict(self._poller.poll(self._poll_ms()))
        self._drain_wake(ready)
        moved = self._publish_reports()
        if self._events in self._poller:
            moved |= self._receive(is_ready=self._events in ready)
            self._regulate()
        if self._ask in ready:
            self._answer()
        if moved:
            self._tick_by = self._tick_by or time.monotonic() + TICK_S
        if not moved or time.monotonic() > self._tick_by:
            self._tick_by = 0.0
            self.on_tick()

    def on_tick(self) -> None:
        """Tend what else there is, look at the state, say what changed, and that we are alive."""
        self._asking.tend()
        self._listener.tend()
        if self._keeper_is_gone:
            self._keeper_is_gone = False
            self.request_stop()
        if self._writer_error is not None:
            # A sidecar without a writer would only look alive; the next one takes up where this ends.
            raise self._writer_error
        if self._guard.loss:
            self._leave_at_once()
        monotonic = time.monotonic()
        self._regulate()
        self._publisher.acknowledge_due(monotonic)
        if self._keeping is not None:
            for text, is_trouble in self._keeping.news():
                (self._screen.complain if is_trouble else self._screen.say)(text)
        before = self._watch.health
        line = self._watch.look(
            self._disk.call, self._writer.failure, stopping=self._stop_at is not None, monotonic=monotonic, now=now()
        )
        if line:
            in_trouble = self._watch.health.state in health.TROUBLE
            (self._screen.complain if in_trouble else self._screen.say)(line)
        if self._watch.health != before or monotonic - self._heartbeat_at >= HEARTBEAT_S:
            self._heartbeat_at = monotonic
            self._publisher.beat(self._heartbeat())

    def shutdown(self) -> int:
        """Let the writer finish, publish its last reports, and end. Returns the exit status."""
        self._guard.stop()
        self._backlog.end()
        self._listener.shut()
        self._asking.close()
        self._thread.join(max((self._stop_at or 0.0) + END_S - time.monotonic(), 0.0))
        self._writer.abandon.set()
        self._thread.join(ABANDON_S)
        self._publish_reports()
        self._publisher.acknowledge_due(math.inf)
        if self._keeping is not None:
            self._keeping.close()
        stuck = self._thread.is_alive()
        left = self._writer.count_left_behind()
        if stuck or left:
            events = "1 event" if left == 1 else f"{left} events"
            why = f"{self._watch.health.file}: {self._watch.health.reason}"
            self._screen.complain(f"{events} could not be written before the end: {why}")
        else:
            self._screen.say("Sidecar ended")
        printed = self._screen.end(SCREEN_END_S)
        self._listener.close()
        if stuck or not printed:
            # A thread that hangs in the kernel would hold up the interpreter's own end.
            os._exit(int(stuck))
        return int(bool(left))

    def close(self) -> None:
        """Let go of what signal handlers write to, once they are gone."""
        self._wake_in.close()
        self._wake_out.close()

    def request_stop(self) -> None:
        """Begin to drain. A second request ends the process at once."""
        if self._stop_at is not None:
            os._exit(1)
        self._stop_at = time.monotonic()

    def wake(self) -> None:
        """Make the main loop look. Called by the writer thread."""
        # Full: it is awake already.
        with contextlib.suppress(BlockingIOError):
            self._wake_out.send(b"\0")

    @property
    def wake_fd(self) -> int:
        """Where a signal may write a byte to make the main loop look."""
        return self._wake_out.fileno()

    # Steps.

    def _write(self) -> None:
        try:
            self._writer.run()
        except BaseException as error:  # noqa: BLE001 - raised again in the main thread
            self._writer_error = error
            self.wake()

    def _leave_at_once(self) -> None:
        """As if killed, which loses nothing, and lets go of the logs at once: the next sidecar may wait for them already."""
        self._screen.complain(f"{self._guard.loss}. Ending, so that the next sidecar can be found.")
        self._screen.end(SCREEN_END_S)
        os._exit(1)

    def _await_keepers_end(self) -> None:
        # The keeper holds the other end of our stdin and writes nothing. Read, not polled: Windows polls sockets alone.
        # An error means the same as the end.
        with contextlib.suppress(OSError):
            os.read(0, 1)
        self._keeper_is_gone = True
        # Closed: we are ending already.
        with contextlib.suppress(OSError):
            self.wake()

    def _poll_ms(self) -> int:
        if self._tick_by:
            return SOON_MS
        is_timed = self._disk.call or self._asking.is_busy
        soon = PERIOD_S if self._publisher.is_holding else CALL_POLL_S if is_timed else POLL_S
        return int(soon * 1000)

    def _receive(self, *, is_ready: bool) -> bool:
        """Hand to the writer what has come. Returns whether there was anything."""
        frames: list[bytes] = []
        self._socket_empty = not is_ready
        try:
            while is_ready and len(frames) < BATCH_FRAMES:
                frames.append(self._events.recv(zmq.DONTWAIT))
        except zmq.Again:
            # Nothing more to read: the batch is what there was.
            self._socket_empty = True
        if frames:
            self._backlog.put(frames)
        if self._socket_empty:
            self._backlog.drained_at = time.monotonic()
        return bool(frames)

    def _regulate(self) -> None:
        """Read on only while the writer keeps up; the rest waits where it can be dropped with a count."""
        reading = self._events in self._poller
        if reading and not self._backlog.has_room:
            self._poller.unregister(self._events)
        elif not reading and self._backlog.has_room:
            self._poller.register(self._events, zmq.POLLIN)

    def _answer(self) -> None:
        identity, request, *question = self._ask.recv_multipart()
        if question == [STATUS_QUESTION]:
            runs = [_status_of(run) for run in list(self._writer.runs.values())]
            self._reply(identity, request, encode(Status(self._heartbeat(), runs)))
        elif len(question) == 1:
            self._asking.ask(identity, request, question[0])

    def _reply(self, identity: bytes, request: bytes, answer: bytes) -> None:
        # An asker that has gone away is nobody's loss.
        with contextlib.suppress(zmq.Again):
            self._ask.send_multipart([identity, request, answer], zmq.DONTWAIT)

    def _drain_wake(self, ready: dict[object, int]) -> None:
        if self._wake_in.fileno() in ready:
            self._wake_in.recv(65536)

    def _take_report(self, written: Written) -> None:
        self._reports.append(written)
        self.wake()

    def _publish_reports(self) -> bool:
        """Publish what the writer reported. Returns whether there was anything."""
        some = bool(self._reports)
        while self._reports:
            written = self._reports.popleft()
            if self._publisher.is_first_of(written):
                # Before anything else it is to know who writes, and whom to look for when that one falls silent.
                self._publisher.beat(self._heartbeat())
            self._publisher.report(written, time.monotonic())
            if written.events:
                self._screen.show(written.events)
            if self._keeping is not None and written.size:
                self._keeping.tell(written.ack.run, written.ack.part, written.size, closed=written.closed)
        return some

    def _heartbeat(self) -> Heartbeat:
        writer, peers = self._writer, self._listener.refused
        return Heartbeat(
            self._id, *self._watch.health[:3], str(self._directories.audit), self._watch.health.file, os.getpid(), self._started,
            writer.events, writer.lost, len(writer.runs), writer.refused + peers, self._backlog.bytes, peers, VERSION,
            self._asking.turned_away, self._keeping.state if self._keeping else None,
        )  # fmt: skip

    def _is_drained(self) -> bool:
        if self._stop_at is None:
            return False
        waited = time.monotonic() - self._stop_at
        if waited < DRAIN_MIN_S or waited > DRAIN_MAX_S:
            return waited > DRAIN_MAX_S
        received = self._backlog.bytes == 0 and self._socket_empty and self._events in self._poller
        return received and all(run.is_over for run in list(self._writer.runs.values()))


def _status_of(run: Run) -> RunStatus:
    log = run.log
    return RunStatus(log.run, run.owner.pid, log.last, log.lost, log.head, str(log.path), run.notice)
