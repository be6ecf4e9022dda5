"""Who may connect over TCP: whoever shows the clients' key (CURVE), and nobody else.

ZeroMQ's I/O thread does the handshakes and asks here whether a key is the right one (ZAP); what it turned away by itself
it tells its monitors. The main thread answers and reads both between two looks at everything else: neither waits.
"""

import contextlib
import errno
import sys
import time
from collections import deque

import zmq
from zmq.utils import z85

from shared.curve import Keys

ZAP_ADDRESS, ZAP_DOMAIN, ZAP_VERSION = "inproc://zeromq.zap.01", b"datatools", b"1.0"
# How long a connection may take to show its key: so long one that says nothing holds a descriptor.
HANDSHAKE_MS = 5000
# After so long a connection was let in, turned away, or is gone.
SETTLED_S = HANDSHAKE_MS / 1000 + 1.0

_FAILED = zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_AUTH
_WATCHED = zmq.EVENT_ACCEPTED | zmq.EVENT_HANDSHAKE_SUCCEEDED | _FAILED
# It hung up: killed, or tired of waiting, as `status` is after a second.
_HUNG_UP = {errno.EPIPE, errno.ECONNRESET, errno.ECONNABORTED}


class Gate:
    """Guards the sockets of one context. `refused` counts the connections that did not show the clients' key."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], keys: Keys) -> None:
        self.refused = 0
        self._secret = keys.sidecar_secret.encode()
        self._allowed = z85.decode(keys.client_public.encode())
        self._zap = context.socket(zmq.REP)
        self._zap.bind(ZAP_ADDRESS)
        self._guarded: list[zmq.Socket[bytes]] = []
        self._monitors: list[zmq.Socket[bytes]] = []
        # When each young connection was accepted, in monotonic seconds, and how many older ones there were.
        self._young: deque[float] = deque()
        self._old = 0
        self._let_in = self._hung_up = self._turned_away = 0

    @property
    def sockets(self) -> list[zmq.Socket[bytes]]:
        """What to poll: something is to be done here when one of them can be read."""
        return [self._zap, *self._monitors]

    def guard(self, socket: zmq.Socket[bytes]) -> None:
        """Let into `socket`, which is not bound yet, only who shows the key."""
        socket.curve_server = True
        socket.curve_secretkey = self._secret
        socket.set(zmq.ZAP_DOMAIN, ZAP_DOMAIN)
        # Without this everybody is let in while nobody answers, at the end say.
        socket.set(zmq.ZAP_ENFORCE_DOMAIN, 1)
        socket.set(zmq.HANDSHAKE_IVL, HANDSHAKE_MS)
        self._guarded.append(socket)
        self._monitors.append(socket.get_monitor_socket(_WATCHED))

    def tend(self) -> None:
        """Answer and count what has come. Waits for nothing."""
        # Each until there is nothing more to read.
        with contextlib.suppress(zmq.Again):
            while True:
                self._answer(self._zap.recv_multipart(zmq.DONTWAIT))
        for monitor in self._monitors:
            with contextlib.suppress(zmq.Again):
                while True:
                    self._note(monitor.recv_multipart(zmq.DONTWAIT)[0])
        self._settle(time.monotonic())

    def close(self) -> None:
        """Let nobody in any more."""
        for socket in self._guarded:
            # First, so that the I/O thread never waits for room where nobody reads.
            socket.disable_monitor()
        for socket in self.sockets:
            socket.close(linger=0)

    def _answer(self, question: list[bytes]) -> None:
        _, request, _, _, _, mechanism, *credentials = question
        allowed = (mechanism, credentials) == (b"CURVE", [self._allowed])
        verdict = [b"200", b"OK"] if allowed else [b"400", b"Not the key of this run directory"]
        self._zap.send_multipart([ZAP_VERSION, request, *verdict, b"", b""], zmq.DONTWAIT)

    def _note(self, event: bytes) -> None:
        # 16 bits of kind, 32 of value, in this machine's order.
        kind, value = int.from_bytes(event[:2], sys.byteorder), int.from_bytes(event[2:], sys.byteorder)
        if kind == zmq.EVENT_ACCEPTED:
            self._young.append(time.monotonic())
        elif kind == zmq.EVENT_HANDSHAKE_SUCCEEDED:
            self._let_in += 1
        elif kind == zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL and value in _HUNG_UP:
            self._hung_up += 1
        else:
            self._turned_away += 1

    def _settle(self, now: float) -> None:
        while self._young and now - self._young[0] > SETTLED_S:
            self._young.popleft()
            self._old += 1
        # ZeroMQ says nothing of one that speaks no ZMTP at all: it is what is left when the others are taken away.
        self.refused = max(self.refused, self._turned_away, self._old - self._let_in - self._hung_up)
