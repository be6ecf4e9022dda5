"""The link: a back thread that owns the sockets, reads acknowledgements and sends what callers left behind.

- It holds the recorder's lock for microseconds at a time.
- It trusts nothing in the run directory before owner and mode are checked.
- Whatever fails here is kept as `trouble` and tried again; the events wait in the outbox.
"""

import _thread
import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import psutil
import zmq
from zmq.utils.monitor import recv_monitor_message

from gui.audit.push import Transmit, transmitter
from gui.audit.recorder import Recorder
from shared import rundir
from shared.transport import HIGH_WATER_MARK, endpoint
from shared.wire import (
    MAX_FRAME,
    STATUS_TOPIC,
    UNKNOWN_RUN,
    VERSION,
    Ack,
    Alive,
    Bye,
    Heartbeat,
    Hello,
    decode_downstream,
    encode,
)

TICK_MS = 50
RETRY_S = 0.5
RECONNECT_MS = 50
LINGER_MS = 500
ALIVE_BUSY_S, ALIVE_IDLE_S, ALIVE_FLUSH_S = 1.0, 5.0, 0.05
NO_PROGRESS_S, NO_PROGRESS_MAX_S = 2.0, 30.0
# The sidecar says that it lives every 0.5 s; two missed and a bit is silence.
SILENCE_S = 1.25
# Frames sent or forgotten under one hold of the lock: some 50 microseconds.
SLICE = 32
WANTED_TRIES = 3
# A context and three sockets open 11; a few more for who opens some at the same time.
DESCRIPTORS = 16


class Link:
    """Connects one run to its sidecar. `heartbeat` and `ack` are the last ones heard, `heard_at` when (monotonic)."""

    def __init__(self, recorder: Recorder, run_dir: Path) -> None:
        self.recorder = recorder
        self.run_dir = run_dir
        self.heartbeat: Heartbeat | None = None
        self.ack: Ack | None = None
        self.heard_at = 0.0
        self.trouble = ""
        self._running = False
        self._stopping = False
        self._ended = threading.Event()
        self._waiting: list[tuple[int, threading.Event]] = []
        self._waker: socket.socket | None = None
        self._transmit: Transmit | None = None
        self._send_from = 0
        self._alive_at = 0.0
        self._progress_at, self._patience = 0.0, NO_PROGRESS_S
        self._wanted: tuple[str, int, int] = ("", 0, 0)

    # Called by any thread.

    def start(self) -> None:
        """Start the back thread, once. Returns without waiting for it to run."""
        if self._running:
            return
        self._running, self._stopping = True, False
        self._ended = threading.Event()
        try:
            # Not threading.Thread, whose start() waits until the new thread has got the GIL.
            _thread.start_new_thread(self._run, (self._ended,))
        except RuntimeError as error:
            # No thread to be had, or the interpreter is ending: events wait in the outbox for the next call.
            self._running = False
            self.trouble = str(error)

    def wait_durable(self, seq: int, timeout_s: float) -> None:
        """Wait until everything through `seq` is acknowledged, at most `timeout_s`."""
        arrived = threading.Event()
        waiter = (seq, arrived)
        self._waiting.append(waiter)
        try:
            self._wake()
            if self.recorder.outbox.durable < seq:
                arrived.wait(timeout_s)
        finally:
            self._waiting.remove(waiter)

    def stop(self, timeout_s: float) -> None:
        """Say Bye and end the back thread. Waits at most `timeout_s` for it."""
        if self._running:
            self._stopping = True
            self._wake()
            self._ended.wait(timeout_s)

    @property
    def is_silent(self) -> bool:
        """Whether the sidecar has not been heard for longer than it may be silent."""
        return time.monotonic() - self.heard_at > SILENCE_S

    # The back thread.

    def _run(self, ended: threading.Event) -> None:
        try:
            while not self._stopping:
                try:
                    rundir.check(self.run_dir)
                    self._connect_and_serve()
                except FileNotFoundError:
                    self.trouble = ""  # the sidecar has not been started yet
                except Exception as error:  # noqa: BLE001 - kept for the status; it may pass, and the events wait
                    self.trouble = str(error)
                if not self._stopping:
                    self._serve_unconnected()
        finally:
            self._running = False
            ended.set()

    def _serve_unconnected(self) -> None:
        deadline = time.monotonic() + RETRY_S
        while not self._stopping and time.monotonic() < deadline:
            self.recorder.pump()
            time.sleep(TICK_MS / 1000)

    def _connect_and_serve(self) -> None:
        with (
            _wake_pair() as (wake, waker),
            _spare_descriptors(wake),
            zmq.Context() as context,
            context.socket(zmq.PUSH) as push,
            context.socket(zmq.SUB) as sub,
            push.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED) as monitor,
        ):
            for each in (push, sub):
                each.set(zmq.LINGER, 0)
                each.set(zmq.RECONNECT_IVL, RECONNECT_MS)
            push.set(zmq.SNDHWM, HIGH_WATER_MARK)
            push.set(zmq.IMMEDIATE, 1)
            push.connect(endpoint(self.run_dir, "events"))
            sub.set(zmq.MAXMSGSIZE, MAX_FRAME)
            sub.subscribe(STATUS_TOPIC)
            sub.subscribe(self.recorder.run.encode())
            sub.connect(endpoint(self.run_dir, "acks"))
            self.trouble = ""
            self._waker = waker
            try:
                self._serve(push, sub, monitor, wake)
                self._say_bye(push)
            finally:
                self._waker = self._transmit = None
                self.recorder.hang_up()
                push.disable_monitor()

    def _serve(
        self, push: zmq.Socket[bytes], sub: zmq.Socket[bytes], monitor: zmq.Socket[bytes], wake: socket.socket
    ) -> None:
        poller = zmq.Poller()
        for each in (sub, monitor, wake):
            poller.register(each, zmq.POLLIN)
        transmit = transmitter(push)
        while not self._stopping:
            ready = dict(poller.poll(TICK_MS))
            if wake.fileno() in ready:
                wake.recv(4096)
            if monitor in ready:
                self._note_connection(recv_monitor_message(monitor), transmit)
            if sub in ready:
                self._read(sub)
            self._tick(time.monotonic())

    def _note_connection(self, event: Mapping[str, object], transmit: Transmit) -> None:
        if event["event"] == zmq.EVENT_HANDSHAKE_SUCCEEDED:
            self._transmit = transmit
            self._send_from = self.recorder.outbox.durable + 1
        else:
            self._transmit = None
            self.recorder.hang_up()

    def _read(self, sub: zmq.Socket[bytes]) -> None:
        with contextlib.suppress(zmq.Again):  # nothing more to read
            while True:
                _, frame = sub.recv_multipart(zmq.DONTWAIT)
                try:
                    message = decode_downstream(frame)
                except msgspec.DecodeError as error:
                    self.trouble = f"The sidecar speaks another version of the protocol: {error}"
                    continue
                self.heard_at = time.monotonic()
                if isinstance(message, Heartbeat):
                    self.heartbeat = message
                elif message.run == self.recorder.run:
                    self._take_ack(message)

    def _take_ack(self, ack: Ack) -> None:
        recorder = self.recorder
        if ack.durable > recorder.outbox.durable:
            self._progress_at, self._patience = self.heard_at, NO_PROGRESS_S
            while not recorder.acknowledge(ack.durable, SLICE):
                pass
        if ack.part == UNKNOWN_RUN:
            self._send_from = recorder.outbox.durable + 1
            return
        self.ack = ack
        if ack.wanted:
            self._note_wanted(ack)
        for seq, arrived in self._waiting.copy():
            if recorder.outbox.durable >= seq:
                arrived.set()

    def _note_wanted(self, ack: Ack) -> None:
        sidecar, seq, tries = self._wanted
        tries = tries + 1 if (sidecar, seq) == (ack.sidecar, ack.wanted) else 1
        self._wanted = (ack.sidecar, ack.wanted, tries)
        if tries >= WANTED_TRIES:
            # Sent again and again, and this sidecar cannot read it: one frame must not hold up the whole run.
            self.recorder.refuse(ack.wanted)
        self._send_from = ack.wanted

    def _tick(self, now: float) -> None:
        self._note_no_progress(now)
        if self._send_from and self._transmit is not None:
            hello = self._hello()
            if self.recorder.send_again(self._transmit, hello, self._send_from):
                self._send_from = 0
                self._progress_at = now
        while self.recorder.send_behind(SLICE):
            pass
        self._say_alive(now)

    def _note_no_progress(self, now: float) -> None:
        outbox = self.recorder.outbox
        recording = self.heartbeat is not None and self.heartbeat.state == "recording" and not self.is_silent
        if outbox.last == outbox.durable or not recording:
            self._progress_at = now
        elif now - self._progress_at > self._patience:
            self._progress_at, self._patience = now, min(self._patience * 2, NO_PROGRESS_MAX_S)
            self._send_from = outbox.durable + 1

    def _say_alive(self, now: float) -> None:
        outbox = self.recorder.outbox
        urgent = bool(self._waiting)
        busy = outbox.last > outbox.durable
        period = ALIVE_FLUSH_S if urgent else ALIVE_BUSY_S if busy else ALIVE_IDLE_S
        if now - self._alive_at >= period and self.recorder.transmit is not None:
            self._alive_at = now
            self.recorder.say(encode(Alive(self.recorder.run, outbox.cursor - 1, urgent)))

    def _say_bye(self, push: zmq.Socket[bytes]) -> None:
        if self.recorder.hang_up(encode(Bye(self.recorder.run, self.recorder.outbox.last))):
            push.set(zmq.LINGER, LINGER_MS)

    def _hello(self) -> bytes:
        pid = os.getpid()
        started = psutil.Process(pid).create_time()
        durable, head = (self.ack.durable, self.ack.head) if self.ack else (0, "")
        return encode(Hello(self.recorder.run, VERSION, pid, started, self.recorder.outbox.last, durable, head))

    def _wake(self) -> None:
        if (waker := self._waker) is not None:
            # Full, or just closing: the thread is awake, or looks again within one tick.
            with contextlib.suppress(OSError):
                waker.send(b"\0")


@contextlib.contextmanager
def _spare_descriptors(some: socket.socket) -> Iterator[None]:
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
