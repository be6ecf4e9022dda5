"""Listens at the names of a sidecar's sockets in a directory, and prints who comes. `python -m tests.neighbours.spy DIR`."""

import selectors
import socket
import sys
from pathlib import Path

NAMES = ("events", "acks", "ask")


def main() -> None:
    selector = selectors.DefaultSelector()
    for path in (Path(sys.argv[1], name) for name in NAMES):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        path.chmod(0o777)
        listener.listen()
        selector.register(listener, selectors.EVENT_READ, path.name)
    sys.stdout.write("listening\n")
    while True:
        for key, _ in selector.select():
            assert isinstance(key.fileobj, socket.socket)
            key.fileobj.accept()
            sys.stdout.write(f"somebody came to {key.data}\n")


if __name__ == "__main__":
    main()
