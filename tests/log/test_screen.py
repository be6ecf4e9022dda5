"""The sidecar's output: readable, harmless to a terminal, and never in anybody's way."""

import os
import re
import threading
from collections.abc import Callable, Iterator
from time import monotonic

import pytest

from shared.printable import printable
from shared.printer import Printer
from shared.wire import Event
from sidecar.screen import Screen, event_line

RUN = "20261123T153000Z-a1b2c3d4"
NOT_SHOWN = re.compile(rb"(\d+) lines? not shown")


def event(message: str, level: str = "info", category: str = "upload") -> Event:
    return Event(RUN, 1, 1_795_447_800_123_456, level, category, "a1b2c3d4", message, {})


class Terminal:
    """Two pipes, read only when `read` is called."""

    def __init__(self) -> None:
        (self._out, self.out), (self._err, self.err) = os.pipe(), os.pipe()
        self.screen = Screen(Printer(self.out), Printer(self.err))
        self._readers: list[threading.Thread] = []
        self.texts = [bytearray(), bytearray()]

    def read(self) -> None:
        for source, text in zip((self._out, self._err), self.texts, strict=True):
            thread = threading.Thread(target=_read_all, args=(source, text))
            thread.start()
            self._readers.append(thread)

    def finish(self) -> tuple[bytes, bytes]:
        """End the screen; return what stdout and stderr got."""
        assert self.screen.end(30)
        self.close()
        return bytes(self.texts[0]), bytes(self.texts[1])

    def close(self) -> None:
        for fd in (self.out, self.err):
            os.close(fd)
        for thread in self._readers:
            thread.join()
        for fd in (self._out, self._err):
            os.close(fd)
        self.out = -1


def _read_all(source: int, text: bytearray) -> None:
    while data := os.read(source, 65_536):
        text += data


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal()
    yield terminal
    if terminal.out >= 0:
        terminal.read()
        terminal.screen.end(30)
        terminal.close()


def in_time(work: Callable[[], None]) -> bool:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(20)
    return not thread.is_alive()


def test_an_event_is_one_short_line() -> None:
    line = event_line("2026-11-23T15:30:00.123456Z", "info", "upload", "Uploaded customers.csv")
    assert line == "15:30:00 info    upload    Uploaded customers.csv"


def test_events_and_states_go_to_stdout_and_failures_to_stderr(terminal: Terminal) -> None:
    terminal.read()
    terminal.screen.say("Sidecar ready")
    terminal.screen.show([event("Zürich ✓"), event("second", "warning", "my own")])
    terminal.screen.complain("Disk failing")
    out, err = terminal.finish()
    assert out.decode() == (
        "Sidecar ready\n15:30:00 info    upload    Zürich ✓\n15:30:00 warning my own    second\n"
    )  # fmt: skip
    assert err == b"Disk failing\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("two\nlines\r", "two\\nlines\\r"),
        ("\x00\x07\x7f", "\\x00\\x07\\x7f"),
        ("\x9b31m", "\\x9b31m"),
        ("right\u202eto left", "right\\u202eto left"),
        ("\u2028", "\\u2028"),
        ("plain Zürich 🎈 日本", "plain Zürich 🎈 日本"),
    ],
)
def test_what_a_terminal_would_act_on_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown
    line = event_line("2026-11-23T15:30:00.123456Z", text, text, text)
    assert line.count(shown) == 3
    assert line.isprintable()
    # Of a line that `tail` hears, anything may have been made by another.
    assert event_line(f"2026-11-23T{text}", "info", "upload", "plain").isprintable()


def test_a_failure_or_a_state_cannot_steer_the_terminal_either(terminal: Terminal) -> None:
    # A gap's reason comes from the wire, a path from the environment.
    terminal.read()
    terminal.screen.complain("3 events are lost: \x1b]0;owned\x07\nSidecar ready")
    terminal.screen.say("writing to /logs/\x1b[2J")
    out, err = terminal.finish()
    for said in (out, err):
        assert b"\x1b" not in said
        assert b"\x07" not in said
        assert said.count(b"\n") == 1


def test_lone_surrogates_of_a_path_are_no_trouble(terminal: Terminal) -> None:
    terminal.read()
    terminal.screen.say("writing to /logs/\udcff")
    assert b"/logs/" in terminal.finish()[0]


def test_a_blocked_terminal_holds_up_no_caller_and_what_was_not_shown_is_counted(terminal: Terminal) -> None:
    lines = 20_000

    def talk() -> None:
        for start in range(0, lines, 100):
            terminal.screen.show([event(f"number {number} {'x' * 80}") for number in range(start, start + 100)])
        for number in range(100):
            terminal.screen.complain(f"failure {number}")

    assert in_time(talk), "a caller waits for the terminal"
    assert not terminal.screen.end(0.05), "the terminal was not blocked at all"
    terminal.read()
    out, err = terminal.finish()
    shown = out.count(b"upload    number")
    left_out = sum(int(match[1]) for match in NOT_SHOWN.finditer(out))
    assert left_out > lines // 4
    assert shown + left_out == lines
    numbers = [int(each) for each in re.findall(rb"number (\d+)", out)]
    assert numbers == sorted(numbers)
    assert err.count(b"failure") == 100


def test_a_terminal_that_another_process_made_non_blocking_loses_nothing_uncounted(terminal: Terminal) -> None:
    os.set_blocking(terminal.out, False)
    for _ in range(50):
        terminal.screen.show([event(f"line {'x' * 80}")] * 100)
    terminal.read()
    out, _ = terminal.finish()
    assert out.count(b"upload    line") + sum(int(match[1]) for match in NOT_SHOWN.finditer(out)) == 5000


def test_a_reader_that_has_gone_away_is_no_trouble() -> None:
    source, out = os.pipe()
    os.close(source)
    screen = Screen(Printer(out), Printer(out))
    for _ in range(20):
        screen.show([event("x" * 1000)] * 1000)
        screen.complain("failure")
    started = monotonic()
    assert screen.end(20)
    assert monotonic() - started < 10
    os.close(out)
