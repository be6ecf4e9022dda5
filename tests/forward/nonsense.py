"""A server that is none, or that answers what no NATS server says."""

import contextlib
import json
import socket
import threading
from typing import Self

INFO = b'INFO {"server_id":"x","version":"2.15.1","headers":true,"max_payload":1048576}\r\n'
STATE = {"messages": 1, "first_seq": 1, "last_seq": 1}
HEADERS = b"NATS/1.0\r\nNats-Sequence: many\r\n\r\n"
END = b"NATS/1.0 204 EOB\r\n\r\n"


def answer(body: object) -> list[bytes]:
    """The answer to a question, as a JSON text."""
    return [json.dumps(body).encode()]


# What it greets with, and what it answers one question after the other; the last of it again and again.
NONSENSE: dict[str, tuple[bytes, list[list[bytes]]]] = {
    "another protocol": (b"SSH-2.0-OpenSSH_10.0\r\n", []),
    "a greeting that is no JSON": (b"INFO {\r\n", []),
    "a greeting of another shape": (b"INFO []\r\n", []),
    "a greeting with words for numbers": (b'INFO {"max_payload":"much","headers":[]}\r\n', [answer({})]),
    "no protocol behind the greeting": (INFO + b"nonsense\r\n" * 3, []),
    "no JSON": (INFO, [[b"<html>"]]),
    "JSON of another shape": (INFO, [answer([1, 2])]),
    "other types": (INFO, [answer({"config": {}, "state": {**STATE, "messages": "one"}})]),
    "nothing in it": (INFO, [answer({})]),
    "messages without numbers": (INFO, [answer({"config": {}, "state": STATE, "created": "2026"}), [HEADERS, END]]),
}


class Nonsense:
    """Listens on the loopback interface while it is entered."""

    def __init__(self, greeting: bytes, answers: list[list[bytes]]) -> None:
        self._greeting, self._answers = greeting, answers
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._connections: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        # Wakes who waits for the next connection.
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        for connection in self._connections:
            connection.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self._connections.append(connection)
                self._threads.append(threading.Thread(target=self._serve, args=(connection,), daemon=True))
                self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        answers = iter(self._answers)
        bodies: list[bytes] = []
        subscribed: dict[bytes, bytes] = {}
        # The other end goes when it has heard enough.
        with contextlib.suppress(OSError), connection.makefile("rb") as lines:
            connection.sendall(self._greeting)
            for line in lines:
                match line.split():
                    case [b"PING"]:
                        connection.sendall(b"PONG\r\n")
                    case [b"SUB", subject, number]:
                        subscribed[subject.rstrip(b"*>")] = number
                    case [b"PUB", _, reply, size]:
                        number = next(number for start, number in subscribed.items() if reply.startswith(start))
                        lines.read(int(size) + 2)
                        bodies = next(answers, bodies)
                        for body in bodies:
                            connection.sendall(_message(reply, number, body))


def _message(subject: bytes, number: bytes, body: bytes) -> bytes:
    if body.startswith(b"NATS/1.0"):
        return b"HMSG %s %s %d %d\r\n%s\r\n" % (subject, number, len(body), len(body), body)
    return b"MSG %s %s %d\r\n%s\r\n" % (subject, number, len(body), body)
