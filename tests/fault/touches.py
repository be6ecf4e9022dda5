"""What people and their programs do to a log: each is one step for the sidecar, which sees the file before or after it."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class Touch(NamedTuple):
    """`left`: how many of the log's five events are still in it.

    `said`: what happened to the log, in the words of a sidecar that had it open; `found`: in the words of one that takes
    it up later, empty where it looks as a crash could have left it. `damage`: what `verify` calls it, empty for nothing.
    """

    do: Callable[[Path], None]
    left: int
    said: str
    found: str = ""
    damage: str = ""

    @property
    def name(self) -> str:
        return self.do.__name__


def cut_a_line(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    os.truncate(path, path.stat().st_size - len(lines[-1]))


def cut_into_a_line(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 20)


def cut_to_nothing(path: Path) -> None:
    os.truncate(path, 0)


def append_garbage(path: Path) -> None:
    append(path, b"garbage\n")


def append_half_a_line(path: Path) -> None:
    append(path, b'{"ts":"2026')


def append_a_forged_line(path: Path) -> None:
    last = path.read_bytes().splitlines()[-1]
    forged = json.loads(last) | {"message": "forged", "prev": hashlib.sha256(last).hexdigest()}
    forged["seq"] += 1
    # `prev` stays the last key: only the sidecar's memory tells this line from its own.
    append(path, json.dumps(forged, separators=(",", ":")).encode() + b"\n")


def append(path: Path, data: bytes) -> None:
    with path.open("ab", buffering=0) as log:
        log.write(data)


def delete(path: Path) -> None:
    path.unlink()


def replace_by_a_copy(path: Path) -> None:
    shutil.copy(path, aside(path))
    aside(path).rename(path)


def replace_by_an_edited_copy(path: Path) -> None:
    before, _, behind = path.read_bytes().rpartition(b"event")
    aside(path).write_bytes(before + b"EVENT" + behind)
    aside(path).rename(path)


def replace_by_something_longer(path: Path) -> None:
    aside(path).write_bytes(b"this is\nsomething else\n" * 1000)
    aside(path).rename(path)


def replace_by_a_link(path: Path) -> None:
    shutil.copy(path, aside(path).with_suffix(".kept"))
    aside(path).symlink_to(aside(path).with_suffix(".kept"))
    aside(path).rename(path)


def replace_by_a_pipe(path: Path) -> None:
    os.mkfifo(aside(path))
    aside(path).rename(path)


def replace_by_a_directory(path: Path) -> None:
    # The one thing that cannot take a file's name in one step.
    path.unlink()
    path.mkdir()


def aside(path: Path) -> Path:
    """A name in another directory of the same disk."""
    other = path.parent.with_name("aside")
    other.mkdir(exist_ok=True)
    return other / path.name


NO_FILE, REPLACED, LONGER, CUT = "is no longer a file", "was replaced", "was appended to by someone else", "was cut"
NOT_REGULAR = "is damaged: it is not a regular file"
TOUCHES = [
    Touch(cut_a_line, 4, CUT),
    Touch(cut_into_a_line, 4, CUT),
    Touch(cut_to_nothing, 0, CUT),
    Touch(append_garbage, 5, LONGER, "is damaged: 1 line behind its last good one cannot be read", "not a line"),
    Touch(append_half_a_line, 5, LONGER),
    Touch(delete, 0, "was deleted", damage="missing part"),
    Touch(append_a_forged_line, 5, LONGER, "is damaged", "inserted"),
    # Told by the next part, which the touch behind it leaves whole.
    Touch(replace_by_an_edited_copy, 5, REPLACED, "is damaged: the line that was acknowledged as number 5", "edited"),
    Touch(replace_by_a_copy, 5, REPLACED),
    Touch(replace_by_something_longer, 0, REPLACED, "is damaged: no line of it can be read", "not a line"),
    Touch(replace_by_a_link, 0, NO_FILE, NOT_REGULAR, "missing part"),
    Touch(replace_by_a_pipe, 0, NO_FILE, NOT_REGULAR, "missing part"),
    Touch(replace_by_a_directory, 0, NO_FILE, NOT_REGULAR, "missing part"),
]


def evidence(path: Path) -> tuple[object, ...]:
    """All that may not change of what stands at `path`."""
    if not os.path.lexists(path):
        return ("nothing",)
    found = path.lstat()
    content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
    return (found.st_ino, found.st_mode, found.st_size, content)
