"""A child to be kept: it writes a diary of its lives and behaves as its words say. Run as a script.

- `dies=1,2,4`: these lives end with exit code 3 before they are ready.
- `gate`: it is ready only when the file `gate` stands beside the diary. `lingers`: likewise `exit`, to leave.
- `deaf`: it does not leave when asked. `stopped`: it stops itself (SIGSTOP) once it is ready.
- `lines=5000`: it prints so many lines once it is ready.
"""

import os
import select
import signal
import sys
from pathlib import Path

READY = "Sidecar ready"
POLL = 0.02


class Child:
    def __init__(self, diary: Path, words: list[str]) -> None:
        self.diary = diary
        self.words = {name: value for name, _, value in (word.partition("=") for word in words)}
        self.asked = False

    def note(self, entry: str) -> None:
        with self.diary.open("a", encoding="utf-8") as diary:
            diary.write(f"{entry}\n")

    def live(self) -> None:
        signal.signal(signal.SIGTERM, self.on_term)
        self.note(f"start {os.getpid()} kept={os.environ.get('DATATOOLS_KEEPER')}")
        life = self.diary.read_text(encoding="utf-8").count("start ")
        if str(life) in self.words.get("dies", "").split(","):
            sys.exit(3)
        self.wait_for_file("gate", when="gate")
        # Noted before it is said: what the keeper does upon it must not come first.
        self.note("ready")
        sys.stdout.write(f"{READY}\n")
        sys.stdout.flush()
        if "lines" in self.words:
            self.print_lines(int(self.words["lines"]))
        if "stopped" in self.words:
            os.kill(os.getpid(), signal.SIGSTOP)
        while not self.asked or "deaf" in self.words:
            self.rest()
        self.wait_for_file("exit", when="lingers")

    def on_term(self, _number: int, _frame: object) -> None:
        self.asked = True
        self.note("asked")

    def print_lines(self, count: int) -> None:
        for number in range(count):
            sys.stdout.write(f"line {number} {'x' * 80}\n")
        sys.stdout.flush()
        os.write(2, b"not \xff UTF-8\n")
        self.note("printed")

    def wait_for_file(self, name: str, *, when: str) -> None:
        while when in self.words and not (self.diary.parent / name).exists():
            self.rest()

    def rest(self) -> None:
        readable, _, _ = select.select([0], [], [], POLL)
        if readable and not os.read(0, 1):
            self.note("keeper gone")
            sys.exit(0)


if __name__ == "__main__":
    Child(Path(sys.argv[1]), sys.argv[2:]).live()
