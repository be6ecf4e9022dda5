"""The link: a back thread that owns the sockets, reads acknowledgements and sends what callers left behind.

- What is said on them, and when, is the sender's to decide; here are only sockets and the thread.
- It trusts nothing in the run directory before owner and mode are checked, and connects within the one that was checked.
- Whatever fails here is kept as `trouble` and tried again; the events wait in the outbox.
"""

import _thread
import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import zmq

from gui.audit.history import History
from gui.audit.peer import Peer
from gui.audit.push import Transmit, transmitter
from gui.audit.recorder import Recorder
from gui.audit.sender import Sender
from shared import settings
from shared.monitor import read_monitor
from shared.transport import HIGH_WATER_MARK, Meeting, meet
from shared.wire import MAX_FRAME, STATUS_TOPIC, VERSION, Ack, Heartbeat, decode_downstream

TICK_MS = 50
RETRY_S = 0.5
RECONNECT_MS = 50
LINGER_MS = 500
# So long without a sign of life, and the process it should come from is looked at: before that is called silence.
QUIET_S = 1.0
# So long without a connection or a sign of life, and it is made anew where that may help.
RENEW_S = 2.0
# Frames read before everything else has its turn again; a sidecar sends some 50 a second.
MOST_READ = 500
# What a frame that is refused says of itself may be as long as the frame.
TROUBLE_MAX = 200
ONE_CHECKOUT = "Stop both and start them from one checkout."
# A context and three sockets open 11; a few more for who opens some at the same time.
DESCRIPTORS = 16

_REFUSED = {zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, zmq.EVENT_HANDSHAKE_FAILED_AUTH}
_WATCHED = sum(_REFUSED) | zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED


class Link:
    """Connects one run to its sidecar; `sender` knows what was said between them."""

    def __init__(self, recorder: Recorder, run_dir: Path) -> None:
        self.recorder = recorder
        self.run_dir = run_dir
        self.sender = Sender(recorder, _identify)
        self.history = History()
        self.peer = Peer()
        self.trouble = ""
        self.running = False
        self._stopping = False
        self._ended = threading.Event()
        self._waker: socket.socket | None = None
        # When the connection was last whole, both ways, and when a new one was last looked for.
        self._whole_at = self._looked_at = 0.0

    # Called by any thread.

    def start(self) -> None:
        """Start the back thread, once. Returns without waiting for it to run."""
        ended = threading.Event()
        # From here on no call that can fail: without a thread to end it, `running` would stay for ever.
        if self.running:
            return
        self.running, self._stopping, self._ended = True, False, ended
        try:
            # Not threading.Thread, whose start() waits until the new thread has got the GIL.
            _thread.start_new_thread(self._run, (ended,))
        except (RuntimeError, MemoryError) as error:
            # No thread to be had, or the interpreter is ending: events wait in the outbox for the next call.
            self.running = False
            self.trouble = str(error)

    def wait_durable(self, seq: int, timeout_s: float) -> None:
        """Wait until everything through `seq` is acknowledged, at most `timeout_s`."""
        arrived = threading.Event()
        waiter = (seq, arrived)
        self.sender.waiting.append(waiter)
        try:
            self._wake()
            if self.recorder.outbox.durable < seq:
                arrived.wait(timeout_s)
        finally:
            self.sender.waiting.remove(waiter)

    def stop(self, timeout_s: float) -> None:
        """Say Bye and end the back thread. Waits at most `timeout_s` for it."""
        if self.running:
            self._stopping = True
            self._wake()
            self._ended.wait(timeout_s)

    @property
    def is_silent(self) -> bool:
        """Whether the sidecar has not been heard for longer than it may be silent."""
        return self.sender.is_silent(time.monotonic())

    # The back thread.

    def _run(self, ended: threading.Event) -> None:
        try:
            while not self._stopping:
                try:
                    with meet(self.run_dir, settings.transport()) as meeting:
                        self._connect_and_serve(meeting)
                except FileNotFoundError:
                    self.trouble = ""  # the sidecar has not been started yet
                except Exception as error:  # noqa: BLE001 - kept for the status; it may pass, and the events wait
                    self.trouble = str(error)
                if not self._stopping:
                    self._serve_unconnected()
        finally:
            self.running = False
            ended.set()

    def _serve_unconnected(self) -> None:
        deadline = time.monotonic() + RETRY_S
        while not self._stopping and time.monotonic() < deadline:
            self.recorder.pump()
            self._note()
            time.sleep(TICK_MS / 1000)

    def _connect_and_serve(self, meeting: Meeting) -> None:
        with (
            _wake_pair() as (wake, waker),
            spare_descriptors(wake),
            zmq.Context() as context,
            context.socket(zmq.PUSH) as push,
            context.socket(zmq.SUB) as sub,
            push.get_monitor_socket(_WATCHED) as monitor,
        ):
            for each in (push, sub):
                each.set(zmq.LINGER, 0)
                each.set(zmq.RECONNECT_IVL, RECONNECT_MS)
            push.set(zmq.SNDHWM, HIGH_WATER_MARK)
            push.set(zmq.IMMEDIATE, 1)
            meeting.connect(push, "events")
            sub.set(zmq.MAXMSGSIZE, MAX_FRAME)
            sub.subscribe(STATUS_TOPIC)
            sub.subscribe(self.recorder.run.encode())
            meeting.connect(sub, "acks")
            self.trouble = ""
            self._whole_at = self._looked_at = time.monotonic()
            self._waker = waker
            try:
                self._serve(meeting, push, sub, monitor, wake)
                if self._stopping and self.sender.say_bye():
                    push.set(zmq.LINGER, LINGER_MS)
            finally:
                self._waker = None
                self.sender.disconnect()
                push.disable_monitor()

    def _serve(
        self,
        meeting: Meeting,
        push: zmq.Socket[bytes],
        sub: zmq.Socket[bytes],
        monitor: zmq.Socket[bytes],
        wake: socket.socket,
    ) -> None:
        poller = zmq.Poller()
        for each in (sub, monitor, wake):
            poller.register(each, zmq.POLLIN)
        transmit = transmitter(push)
        while not self._stopping and not self._is_outdated(meeting, time.monotonic()):
            ready = dict(poller.poll(TICK_MS))
            if wake.fileno() in ready:
                wake.recv(4096)
            if monitor in ready:
                self._note_connection(read_monitor(monitor)[0], transmit)
            if sub in ready:
                self._read(sub)
            self.sender.tick(time.monotonic())
            self._note()

    def _note(self) -> None:
        self.history.note(time.time(), self.recorder.pending, self.recorder.outbox.durable)
        now = time.monotonic()
        if now - self.sender.heard_at > QUIET_S:
            with contextlib.suppress(OSError):  # no descriptor left to look with: it is as it was
                self.peer.look(now)

    def _note_connection(self, event: int, transmit: Transmit) -> None:
        if event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
            self.sender.connect(transmit)
        else:
            self.sender.disconnect()
            # With whoever was the matter.
            self.trouble = ""
            if event in _REFUSED:
                self.trouble = f"Who listens where the sidecar should does not know the keys in {self.run_dir}."

    def _is_outdated(self, meeting: Meeting, now: float) -> bool:
        """Whether to connect anew: another sidecar may be there, or ZeroMQ has given up the connection for good.

        Over TCP it never tries again where somebody else listened and answered nonsense.
        """
        if not self.is_silent and self.sender.is_connected:
            self._whole_at = now
        if now - max(self._whole_at, self._looked_at) < RETRY_S:
            return False
        self._looked_at = now
        return meeting.is_outdated() or (meeting.is_over_tcp and now - self._whole_at > RENEW_S)

    def _read(self, sub: zmq.Socket[bytes]) -> None:
        with contextlib.suppress(zmq.Again):  # nothing more to read
            for _ in range(MOST_READ):
                _, *frames = sub.recv_multipart(zmq.DONTWAIT)
                try:
                    message = decode_downstream(b"".join(frames))
                except msgspec.DecodeError as error:
                    # Beside what is understood, it may be something new that a GUI can do without.
                    if self.is_silent:
                        why = str(error)[:TROUBLE_MAX]
                        self.trouble = (
                            f"What the sidecar says is not of version {VERSION} of the protocol: {why}. {ONE_CHECKOUT}"
                        )
                    continue
                if isinstance(message, Ack) and message.durable > self.recorder.outbox.last:
                    # Forgetting would lose what is still to be logged.
                    self.trouble = f"The sidecar acknowledges event {message.durable}, which was never logged"
                    continue
                self.sender.hear(message, time.monotonic())
                if isinstance(message, Heartbeat):
                    self.trouble = "" if message.version == VERSION else _misfit(message)
                    with contextlib.suppress(OSError):  # no descriptor left to look with: the next one will do
                        self.peer.meet(message.sidecar, message.pid)

    def _wake(self) -> None:
        if (waker := self._waker) is not None:
            # Full, or just closing: the thread is awake, or looks again within one tick.
            with contextlib.suppress(OSError):
                waker.send(b"\0")


def _misfit(heartbeat: Heartbeat) -> str:
    return (
        f"The sidecar that runs (pid {heartbeat.pid}) speaks version {heartbeat.version} of the protocol, this program "
        f"version {VERSION}. {ONE_CHECKOUT}"
    )


def _identify() -> tuple[int, float]:
    import psutil  # noqa: PLC0415 - 9 ms that importing gui.audit need not take

    pid = os.getpid()
    return pid, psutil.Process(pid).create_time()


def finish_imports() -> None:
    """Called before each fork: a child would wait for ever for a module that a back thread was just importing."""
    import shared.presence  # noqa: F401, PLC0415 - with psutil, all that a back thread imports


@contextlib.contextmanager
def spare_descriptors(some: socket.socket) -> Iterator[None]:
    """Raise OSError unless there are as many descriptors as ZeroMQ will open: without one it aborts the process."""
    with contextlib.ExitStack() as spare:
        for _ in range(DESCRIPTORS):
            spare.enter_context(some.dup())
    yield


@contextlib.contextmanager
def _wake_pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    receive, send = socket.socketpair()
    with receive, send:
        receive.settimeout(0)
        send.settimeout(0)
        yield receive, send
