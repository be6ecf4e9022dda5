"""Who connects over TCP without being what it should be, and who listens where the sidecar did."""

import contextlib
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

import zmq

from shared.curve import Keys, new_keys, read_ports
from shared.transport import Places, read_places
from shared.wire import STATUS_QUESTION, Heartbeat, decode_status
from tests.support.waiting import DEADLINE, until

Connect = Callable[[Places, zmq.Socket[bytes]], None]


def with_keys(change: Callable[[Keys, Keys], Keys]) -> Connect:
    """Connects with what `change` makes of the right keys and others."""

    def connect(places: Places, stranger: zmq.Socket[bytes]) -> None:
        assert places.keys is not None
        places._replace(keys=change(places.keys, new_keys())).connect(stranger, "events")

    return connect


def without_curve(places: Places, stranger: zmq.Socket[bytes]) -> None:
    places._replace(keys=None).connect(stranger, "events")


def another_client(keys: Keys, other: Keys) -> Keys:
    return Keys(keys.sidecar_public, "", other.client_public, other.client_secret)


def another_sidecar(keys: Keys, other: Keys) -> Keys:
    return Keys(other.sidecar_public, "", keys.client_public, keys.client_secret)


def no_secret(keys: Keys, other: Keys) -> Keys:
    return Keys(keys.sidecar_public, "", keys.client_public, other.client_secret)


STRANGERS = {
    "without CURVE": without_curve,
    "with another client key": with_keys(another_client),
    "with another server key": with_keys(another_sidecar),
    "with the public key and not its secret": with_keys(no_secret),
}
# What is no ZeroMQ at all, and what never gets on with it.
NOISES = {"HTTP": b"GET / HTTP/1.1\r\n\r\n", "0xff": b"\xff" * 100, "half a greeting": b"\xff\0\0\0\0\0\0\0\1\x7f\3"}


class Asker:
    """Asks the sidecar of `run_dir` over TCP, by one connection from the first question on."""

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir
        self._context = zmq.Context()
        self._met: Places | None = None

    def heartbeat(self) -> Heartbeat:
        if (places := read_places(self._run_dir)) != self._met:
            self._met = places
            self._dealer = self._context.socket(zmq.DEALER)
            places.connect(self._dealer, "ask")
        self._dealer.send_multipart([b"id", STATUS_QUESTION])
        assert self._dealer.poll(int(DEADLINE * 1000))
        return decode_status(self._dealer.recv_multipart()[1]).heartbeat

    def close(self) -> None:
        self._context.destroy(linger=0)


class Impostor:
    """Listens at the ports of a dead sidecar, answers nonsense, and keeps what it is told."""

    def __init__(self, run_dir: Path) -> None:
        ports = read_ports(run_dir)
        self.callers = 0
        self.heard = b""
        self._listeners = [socket.create_server(("127.0.0.1", port)) for port in (ports.events, ports.acks)]
        self._threads = [threading.Thread(target=self._listen, args=(each,)) for each in self._listeners]
        for each in self._threads:
            each.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for listener in self._listeners:
            # Wakes the thread that accepts.
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for each in self._threads:
            each.join()

    def wait_for_callers(self, least: int) -> None:
        until(lambda: self.callers >= least, lambda: f"{least} callers, there were {self.callers}")

    def _listen(self, listener: socket.socket) -> None:
        # Closed: it is over.
        with contextlib.suppress(OSError):
            while True:
                caller, _ = listener.accept()
                with caller:
                    caller.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                    caller.settimeout(1)
                    with contextlib.suppress(TimeoutError, ConnectionError):
                        while heard := caller.recv(4096):
                            self.heard += heard
                self.callers += 1
