"""Tries to get at paths of somebody else in every way, and prints how each ended. `python -m tests.neighbours.prying PATH …`.

One line for each: the way, the path's name, and the error or `done`.
"""

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path


def connect(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as asker:
        asker.connect(str(path))


def remove(path: Path) -> None:
    path.rmdir() if path.is_dir() else path.unlink()


WAYS: dict[str, Callable[[Path], object]] = {
    "list": os.listdir,
    "read": Path.read_bytes,
    "write": lambda path: path.open("ab").close(),
    "connect": connect,
    "put into": lambda path: Path(path, "mine").write_bytes(b""),
    "replace": lambda path: path.rename(path.with_name("moved")),
    "remove": remove,
}


def main() -> None:
    for path in map(Path, sys.argv[1:]):
        for way, attempt in WAYS.items():
            try:
                attempt(path)
                ended = "done"
            except OSError as error:
                ended = type(error).__name__
            sys.stdout.write(f"{way} {path.name}: {ended}\n")


if __name__ == "__main__":
    main()
