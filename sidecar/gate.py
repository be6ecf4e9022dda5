"""Who may connect over TCP: whoever shows the clients' key (CURVE), and nobody else.

ZeroMQ's I/O thread does the handshakes and asks here whether a key is the right one (ZAP); what it turned away by itself
it tells its monitors. The main thread answers and reads both between two looks at everything else: neither waits.
"""

import contextlib
import errno
import time

import zmq
from zmq.utils import z85

from shared.curve import Keys
from shared.monitor import read_monitor

ZAP_ADDRESS, ZAP_DOMAIN, ZAP_VERSION = "inproc://zeromq.zap.01", b"datatools", b"1.0"
# How long a connection may take to show its key: so long one that says nothing holds a descriptor.
HANDSHAKE_MS = 3000
# A connection that is still there after so long was let in.
SETTLED_S = HANDSHAKE_MS / 1000 + 1.0

_WATCHED = (
    zmq.EVENT_ACCEPTED | zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL | zmq.EVENT_DISCONNECTED
)
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
        # When each connection was accepted that may not have shown its key yet, by its monitor and descriptor.
        self._young: dict[tuple[int, int], float] = {}
        # How many connections were there for long, were let in, ended young, and ended so by themselves.
        self._old = self._let_in = self._ended = self._hung_up = 0
        # Seconds that stand still while this process does.
        self._clock, self._looked_at = 0.0, time.monotonic()

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
        for number, monitor in enumerate(self._monitors):
            with contextlib.suppress(zmq.Again):
                while True:
                    self._note(number, *read_monitor(monitor, zmq.DONTWAIT))
        self._count(time.monotonic())

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

    def _note(self, monitor: int, kind: int, value: int) -> None:
        if kind == zmq.EVENT_ACCEPTED:
            self._young[monitor, value] = self._clock
        elif kind == zmq.EVENT_HANDSHAKE_SUCCEEDED:
            self._let_in += 1
        elif kind == zmq.EVENT_DISCONNECTED:
            self._ended += self._young.pop((monitor, value), None) is not None
        else:
            self._hung_up += value in _HUNG_UP

    def _count(self, now: float) -> None:
        """What ended young and neither hung up nor was let in was turned away.

        ZeroMQ does not say which connection it let in, and nothing at all of one that spoke no ZMTP.
        """
        self._clock += min(now - self._looked_at, 1.0)
        self._looked_at = now
        for connection, accepted in list(self._young.items()):
            # They come in the order of their age.
            if self._clock - accepted <= SETTLED_S:
                break
            del self._young[connection]
            self._old += 1
        self.refused = max(self.refused, self._ended - self._hung_up - (self._let_in - self._old))
